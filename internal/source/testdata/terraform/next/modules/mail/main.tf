variable "domain" {}
variable "zone" {}
variable "labels" {}

resource "aws_sesv2_email_identity" "this" {
  email_identity = var.domain
  dkim_signing_attributes {
    next_signing_key_length = "RSA_2048_BIT"
  }
}

resource "aws_sesv2_email_identity_mail_from_attributes" "this" {
  email_identity         = aws_sesv2_email_identity.this.email_identity
  mail_from_domain       = "bounce.${var.domain}"
  behavior_on_mx_failure = "REJECT_MESSAGE"
}

resource "aws_route53_record" "dkim" {
  count   = 3
  zone_id = var.zone
  name    = "${aws_sesv2_email_identity.this.dkim_signing_attributes[0].tokens[count.index]}._domainkey.${var.domain}"
  type    = "CNAME"
  ttl     = 600
  records = ["${aws_sesv2_email_identity.this.dkim_signing_attributes[0].tokens[count.index]}.dkim.amazonses.com"]
}

resource "aws_route53_record" "mx" {
  for_each = toset(var.labels)
  zone_id  = var.zone
  name     = "${each.key}.${var.domain}"
  type     = "MX"
  ttl      = 600
  records  = ["10 feedback-smtp.eu-west-1.amazonses.com"]
}

resource "aws_route53_record" "spf" {
  zone_id = var.zone
  name    = ""
  type    = "TXT"
  ttl     = 600
  records = ["v=spf1 include:amazonses.com -all"]
}

resource "aws_route53_record" "second" {
  zone_id = var.zone
  name    = "bounce"
  type    = "MX"
  records = ["20 mail.example.net"]
}

removed {
  from = aws_route53_record.forgotten
  lifecycle {
    destroy = false
  }
}
