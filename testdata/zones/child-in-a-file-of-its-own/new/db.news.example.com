bounce  IN MX  10 feedback-smtp.eu-west-1.amazonses.com.
bounce  IN TXT "v=spf1 ip4:192.0.2.1 include:amazonses.com ~all"
