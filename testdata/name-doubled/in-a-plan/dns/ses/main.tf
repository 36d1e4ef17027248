variable "domain" {}
variable "zone" {}
resource "aws_sesv2_email_identity" "this" {
  email_identity = var.domain
  dkim_signing_attributes { next_signing_key_length = "RSA_2048_BIT" }
}
resource "aws_route53_record" "dkim" {
  count   = 3
  zone_id = var.zone
  name    = "${aws_sesv2_email_identity.this.dkim_signing_attributes[0].tokens[count.index]}._domainkey.${var.domain}.example.com"
  type    = "CNAME"
  ttl     = 600
  records = ["${aws_sesv2_email_identity.this.dkim_signing_attributes[0].tokens[count.index]}.dkim.amazonses.com"]
}
resource "aws_ses_domain_mail_from" "this" {
  domain           = aws_sesv2_email_identity.this.email_identity
  mail_from_domain = "bounce.${var.domain}"
}
resource "aws_route53_record" "mx" {
  zone_id = var.zone
  name    = aws_ses_domain_mail_from.this.mail_from_domain
  type    = "MX"
  ttl     = 600
  records = ["10 feedback-smtp.eu-west-1.amazonses.com"]
}
