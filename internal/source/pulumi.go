package source

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// This file reads the output of `pulumi preview --json`. Pulumi's providers are
// made of Terraform's, so a step is read as the change of the Terraform resource:
// its properties have the same names in another spelling.

// pulumiUnknown is Pulumi's placeholder for an unknown string.
const pulumiUnknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

// pulumiSecret is its placeholder for a secret.
const pulumiSecret = "[secret]"

// pulumiTypes are the resources that are read, by Pulumi's names for them.
var pulumiTypes = map[string]string{
	"aws:route53/record:Record": "aws_route53_record", "aws:route53/zone:Zone": "aws_route53_zone",
	"cloudflare:index/record:Record": "cloudflare_record", "cloudflare:index/dnsRecord:DnsRecord": "cloudflare_dns_record", "cloudflare:index/zone:Zone": "cloudflare_zone",
	"gcp:dns/recordSet:RecordSet": "google_dns_record_set", "gcp:dns/managedZone:ManagedZone": "google_dns_managed_zone",
	"digitalocean:index/dnsRecord:DnsRecord":                                    "digitalocean_record",
	"digitalocean:index/domain:Domain":                                          "digitalocean_domain",
	"dnsimple:index/zoneRecord:ZoneRecord":                                      "dnsimple_zone_record",
	"aws:sesv2/emailIdentity:EmailIdentity":                                     "aws_sesv2_email_identity",
	"aws:ses/domainIdentity:DomainIdentity":                                     "aws_ses_domain_identity",
	"aws:ses/domainDkim:DomainDkim":                                             "aws_ses_domain_dkim",
	"aws:ses/mailFrom:MailFrom":                                                 "aws_ses_domain_mail_from",
	"aws:sesv2/emailIdentityMailFromAttributes:EmailIdentityMailFromAttributes": "aws_sesv2_email_identity_mail_from_attributes",
}

type pulumiDigest struct {
	Config json.RawMessage
	Steps  []struct {
		Op       string
		URN      string
		OldState *pulumiState
		NewState *pulumiState
	}
	Diagnostics []struct{ Severity string }
}

type pulumiState struct {
	Type         string
	Inputs       map[string]json.RawMessage
	Outputs      map[string]json.RawMessage
	Dependencies map[string][]string `json:"propertyDependencies"`
	Retain       bool                `json:"retainOnDelete"`
	Provider     string
}

// pulumiActions are the actions of a step in Terraform's words; nil for a step
// without changes.
func pulumiActions(op string) []string {
	switch op {
	case "create", "import":
		return []string{"create"}
	case "update", "import-replacement":
		return []string{"update"}
	case "create-replacement":
		return []string{"create", "delete"}
	case "same", "refresh":
		return []string{"no-op"}
	case "delete":
		return []string{"delete"}
	}
	return nil // create-replacement covers replace and delete-replaced
}

// pulumi reads a preview.
func (z *Zones) pulumi(ctx context.Context, path, text string) error {
	var digest pulumiDigest
	if err := json.Unmarshal([]byte(text), &digest); err != nil {
		return broken(path, text, err, "Pulumi")
	}
	for _, d := range digest.Diagnostics {
		if d.Severity == "error" {
			return wrongAt(path, 0, "the preview failed, so it is incomplete; create it again")
		}
	}
	p := &tfPlan{z: z, c: z.change(), path: path, zones: map[string]string{}, byID: map[string][]*tfInstance{}, deletes: map[string]bool{}, found: map[string][]*tfInstance{}, shown: map[string]string{}}
	names := map[string]string{} // by URN
	for i, s := range digest.Steps {
		if t := pulumiTypes[typeOfURN(s.URN)]; t != "" && names[s.URN] == "" {
			name := fmt.Sprintf("r%d", i)
			names[s.URN] = t + "." + name
			p.shown[t+"."+name] = shownURN(s.URN)
		}
	}
	p.Configuration.Providers = digest.providers()
	for _, s := range digest.Steps {
		actions := pulumiActions(s.Op)
		retained := s.Op == "delete" && s.OldState != nil && s.OldState.Retain // in the cloud
		if names[s.URN] == "" || actions == nil || retained {
			continue
		}
		c := tfChange{Address: names[s.URN], Mode: "managed", Type: pulumiTypes[typeOfURN(s.URN)], Name: strings.SplitN(names[s.URN], ".", 2)[1]}
		c.Change.Actions = actions
		c.Change.Before, _ = s.OldState.attributes()
		if s.Op != "delete" {
			c.Change.After, c.Change.Unknown = s.NewState.attributes()
		}
		p.ResourceChanges = append(p.ResourceChanges, c)
		r := s.NewState.configured(c, names)
		r.ProviderKey = cmp.Or(s.NewState.provider(), s.OldState.provider())
		p.Configuration.Root.Resources = append(p.Configuration.Root.Resources, r)
		if _, known := p.Configuration.Providers[r.ProviderKey]; r.ProviderKey != "" && !known {
			p.Configuration.Providers[r.ProviderKey] = pulumiProvider("")
		}
	}
	p.files, p.usual = &tfFiles{config: &p.Configuration.Root}, digest.region()
	return p.run(ctx)
}

// region is the stack's region of AWS; "" where it is not known.
func (d *pulumiDigest) region() string {
	if s := tfText(tfBlock(d.Config)["aws:region"]); s != pulumiSecret && s != pulumiUnknown {
		return s
	}
	return ""
}

// providers are the providers of AWS in the preview; that of the stack is aws.
func (d *pulumiDigest) providers() map[string]tfProvider {
	all := map[string]tfProvider{"aws": pulumiProvider(d.region())}
	for _, s := range d.Steps {
		key := providerOfURN(s.URN)
		if s.NewState == nil || key == "" {
			continue
		}
		region := tfText(s.NewState.Inputs["region"])
		if pulumiWithout(s.NewState.Inputs["region"]) != nil {
			region = ""
		}
		all[key] = pulumiProvider(region)
	}
	return all
}

// pulumiProvider is a provider of AWS of a region; "" if that is not known.
func pulumiProvider(region string) (p tfProvider) {
	if p.Expressions.Region.References = []string{"region"}; region != "" {
		p.Expressions.Region.Constant = json.RawMessage(strconv.Quote(region))
	}
	return p
}

// providerOfURN is the key of a provider: aws and its name. That of the stack, whose
// name begins with "default", has none.
func providerOfURN(urn string) string {
	parts := strings.Split(urn, "::")
	if len(parts) < 4 || typeOfURN(urn) != "pulumi:providers:aws" || strings.HasPrefix(parts[3], "default") {
		return ""
	}
	return "aws." + parts[3]
}

// provider is the key of the provider of a resource; "" for the stack's.
func (s *pulumiState) provider() string {
	if s == nil {
		return ""
	}
	return providerOfURN(s.Provider)
}

// typeOfURN is the type of the resource in a URN, which is after those of its
// parents.
func typeOfURN(urn string) string {
	parts := strings.Split(urn, "::")
	if len(parts) < 4 {
		return ""
	}
	return parts[2][strings.LastIndexByte(parts[2], '$')+1:]
}

// shownURN is the type and the name in a URN, for messages.
func shownURN(urn string) string {
	_, name, _ := strings.Cut(strings.Join(strings.Split(urn, "::")[2:], "::"), "::")
	return typeOfURN(urn) + "::" + name
}

// attributes are the properties of a state as Terraform has them, and which of
// them are unknown.
func (s *pulumiState) attributes() (known, unknown *tfAttributes) {
	if s == nil {
		return nil, nil
	}
	is, isNot := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	selector := s.selectorOpen()
	for _, all := range []map[string]json.RawMessage{s.Outputs, s.Inputs} {
		for key, value := range all {
			name := snake(key)
			if name == "dkim_signing_attributes" {
				value = signing(value)
			}
			is[name], isNot[name] = value, json.RawMessage("false")
			if u := pulumiWithout(value); u != nil {
				isNot[name] = u
			}
		}
	}
	if selector {
		isNot["dkim_signing_attributes"] = json.RawMessage(`[{"domain_signing_selector": true}]`)
	}
	return tfAttributesOf(is), tfAttributesOf(isNot)
}

// selectorOpen reports whether an identity may have a key of the user's own, with
// a selector that is not known: it is unknown or a secret, or the whole block is.
func (s *pulumiState) selectorOpen() bool {
	raw := s.Inputs["dkimSigningAttributes"]
	if b := tfBlock(raw); b != nil {
		raw = b["domainSigningSelector"]
	}
	return pulumiWithout(raw) != nil
}

// signing is the block of DKIM as Terraform has it: in a list. A selector that is not
// known is left out.
func signing(raw json.RawMessage) json.RawMessage {
	b := tfBlock(raw)
	if b == nil {
		return raw
	}
	out := map[string]json.RawMessage{}
	for key, value := range b {
		if key != "domainSigningSelector" || pulumiWithout(value) == nil {
			out[snake(key)] = value
		}
	}
	text, err := json.Marshal([]any{out})
	if err != nil {
		return raw
	}
	return text
}

// pulumiWithout says which parts of a value are unknown; nil for none.
func pulumiWithout(raw json.RawMessage) json.RawMessage {
	if !strings.Contains(string(raw), pulumiUnknown) && !strings.Contains(string(raw), pulumiSecret) {
		return nil
	}
	items := tfList(raw)
	if items == nil {
		return json.RawMessage("true")
	}
	flags := make([]string, len(items))
	for i, item := range items {
		flags[i] = fmt.Sprint(pulumiWithout(item) != nil)
	}
	return json.RawMessage("[" + strings.Join(flags, ",") + "]")
}

// snake is a name in camel case as Terraform writes it.
func snake(s string) string {
	switch s {
	case "aliases":
		return "alias"
	case "vpcs":
		return "vpc"
	case "weightedRoutingPolicies":
		return "weighted_routing_policy"
	case "multivalueAnswerRoutingPolicy":
		return "multivalue_answer_routing_policy"
	}
	var b strings.Builder
	for _, c := range s {
		if c >= 'A' && c <= 'Z' {
			b.WriteByte('_')
			c += 'a' - 'A'
		}
		b.WriteRune(c)
	}
	return b.String()
}

func tfAttributesOf(all map[string]json.RawMessage) *tfAttributes {
	a := &tfAttributes{}
	text, err := json.Marshal(all)
	if err == nil {
		_ = json.Unmarshal(text, a)
	}
	return a
}

// configured is the sources of a resource's properties.
func (s *pulumiState) configured(c tfChange, names map[string]string) (r tfResource) {
	r.Address, r.Type, r.Name, r.Mode = c.Address, c.Type, c.Name, c.Mode
	if s == nil {
		return r
	}
	for _, property := range slices.Sorted(maps.Keys(s.Dependencies)) {
		var refs []string
		for _, urn := range s.Dependencies[property] {
			if names[urn] != "" {
				refs = append(refs, names[urn])
			}
		}
		r.Expressions.add(snake(property), refs)
	}
	return r
}

// add adds references to the expression of an attribute.
func (e *tfExpressions) add(attribute string, refs []string) {
	to := map[string]*tfExpression{
		"name": &e.Name, "records": &e.Records, "value": &e.Value, "content": &e.Content, "rrdatas": &e.RRDatas,
		"zone_id": &e.ZoneID, "managed_zone": &e.ManagedZone, "zone_name": &e.ZoneName, "domain": &e.Domain,
	}[attribute]
	if to != nil {
		to.References = refs
	}
}
