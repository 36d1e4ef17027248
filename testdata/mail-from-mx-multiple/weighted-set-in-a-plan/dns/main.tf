resource "aws_route53_record" "green" {
  zone_id        = "Z1"
  name           = "bounce.example.com"
  type           = "MX"
  ttl            = 300
  records        = ["10 feedback-smtp.eu-west-1.amazonses.com"]
  set_identifier = "green"

  weighted_routing_policy {
    weight = 10
  }
}
