resource "aws_sesv2_email_identity_mail_from_attributes" "this" {
  email_identity   = "example.com"
  mail_from_domain = "mail.example.com"
}
