provider "aws" {
  region = "eu-west-1"
}

locals {
  domain = "example.com"
}

resource "aws_route53_zone" "main" {
  name = local.domain
}

module "mail" {
  source = "./modules/mail"
  domain = local.domain
  zone   = aws_route53_zone.main.zone_id
  labels = ["bounce", "bounce.example.com"]
}

resource "cloudflare_dns_record" "spf" {
  zone_id = "c1"
  name    = "cloudflare.test"
  type    = "TXT"
  content = "\"v=spf1 include:amazonses.com ~all\""
  ttl     = 1
}

resource "cloudflare_record" "mx" {
  zone_id  = "c1"
  name     = "bounce.cloudflare.test"
  type     = "MX"
  value    = "feedback-smtp.eu-west-1.amazonses.com"
  priority = 10
}

resource "google_dns_managed_zone" "g" {
  name     = "google"
  dns_name = "google.test."
}

resource "google_dns_record_set" "mx" {
  managed_zone = google_dns_managed_zone.g.name
  name         = "bounce.${google_dns_managed_zone.g.dns_name}"
  type         = "MX"
  rrdatas      = ["10 feedback-smtp.eu-west-1.amazonses.com."]
}

resource "azurerm_dns_mx_record" "mx" {
  name                = "bounce"
  zone_name           = "azure.test"
  resource_group_name = "dns"
  record {
    preference = "10"
    exchange   = "feedback-smtp.eu-west-1.amazonses.com"
  }
}

resource "azurerm_dns_txt_record" "spf" {
  name      = "@"
  zone_name = "azure.test"
  record {
    value = "v=spf1 include:amazonses.com ~all"
  }
}

resource "azurerm_dns_cname_record" "dkim" {
  name      = "tokenaaaa._domainkey"
  zone_name = "azure.test"
  record    = "tokenaaaa.dkim.amazonses.com"
}

resource "digitalocean_record" "mx" {
  domain   = "ocean.test"
  name     = "bounce"
  type     = "MX"
  value    = "feedback-smtp.eu-west-1.amazonses.com."
  priority = 10
}

resource "dnsimple_zone_record" "mx" {
  zone_name = "dnsimple.test"
  name      = "bounce"
  type      = "MX"
  value     = "feedback-smtp.eu-west-1.amazonses.com"
  priority  = 10
}

resource "hcloud_zone_rrset" "mx" {
  zone    = "hetzner.test"
  name    = "bounce"
  type    = "MX"
  records = [{ value = "10 feedback-smtp.eu-west-1.amazonses.com.", comment = null }]
}

resource "ovh_domain_zone_record" "mx" {
  zone      = "ovh.test"
  subdomain = "bounce"
  fieldtype = "MX"
  target    = "10 feedback-smtp.eu-west-1.amazonses.com."
}

resource "gandi_livedns_record" "spf" {
  zone   = "gandi.test"
  name   = "@"
  type   = "TXT"
  values = ["\"v=spf1 include:amazonses.com ~all\""]
}

resource "ns1_record" "mx" {
  zone   = "ns1.test"
  domain = "bounce.ns1.test"
  type   = "MX"
  answers {
    answer = "10 feedback-smtp.eu-west-1.amazonses.com"
  }
}

resource "vercel_dns_record" "mx" {
  domain      = "vercel.test"
  name        = "bounce"
  type        = "MX"
  value       = "feedback-smtp.eu-west-1.amazonses.com"
  mx_priority = 10
}
