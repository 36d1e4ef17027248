package source

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
)

// This file reads the output of `terraform show -json`, or OpenTofu's, for a plan
// or a state. It has secrets in plain text, so only the attributes in
// tfAttributes are read.

// tfDocument is a plan or a state.
type tfDocument struct {
	FormatVersion   string                          `json:"format_version"`
	Errored         bool                            `json:"errored"`
	Variables       map[string]tfVariable           `json:"variables"`
	ResourceChanges tfChanges                       `json:"resource_changes"`
	PriorState      *struct{ Values *tfRootModule } `json:"prior_state"`
	Values          *tfRootModule                   `json:"values"` // of a state
	Configuration   tfConfiguration                 `json:"configuration"`
}

type tfRootModule struct {
	Root tfStateModule `json:"root_module"`
}

// tfVariable is a variable of the root module. Its value is used only where the
// name or data of a record is made of it.
type tfVariable struct {
	Value json.RawMessage `json:"value"`
}

// tfChange is the change of a resource.
type tfChange struct {
	Address string
	Module  string `json:"module_address"`
	Mode    string
	Type    string
	Name    string
	Index   json.RawMessage
	Change  struct {
		Actions []string
		Before  *tfAttributes
		After   *tfAttributes
		Unknown *tfAttributes `json:"after_unknown"`
	}
}

// tfChanges are the changes of resources that are read.
type tfChanges []tfChange

// UnmarshalJSON skips irrelevant resources, and irrelevant attributes of the
// rest.
func (all *tfChanges) UnmarshalJSON(text []byte) error {
	*all = tfChanges{}
	return each(text, func(c *tfChange) {
		if !isTFRead(c.Type) {
			return
		}
		if slices.Contains(c.Change.Actions, "no-op") {
			c.Change.Before = nil
		}
		*all = append(*all, *c)
	})
}

// each reads the items of a list one by one.
func each[T any](text []byte, take func(*T)) error {
	d := json.NewDecoder(bytes.NewReader(text))
	switch t, err := d.Token(); {
	case err != nil || t == nil:
		return err
	case t != json.Delim('['):
		return &json.UnmarshalTypeError{Value: "value", Type: reflect.TypeFor[[]T]()}
	}
	for d.More() {
		one := new(T)
		if err := d.Decode(one); err != nil {
			return err
		}
		take(one)
	}
	return nil
}

// isTFRead reports whether a resource is read.
func isTFRead(typ string) bool {
	_, is := tfRecord(typ, &tfAttributes{}, &tfAttributes{})
	return is || isTFZone[typ] || isTFIdentity[typ]
}

// tfStateModule is a module of a state.
type tfStateModule struct {
	Address   string
	Resources tfStates
	Children  []tfStateModule `json:"child_modules"`
}

// tfState is a resource of a state.
type tfState struct {
	Address string
	Mode    string
	Type    string
	Name    string
	Index   json.RawMessage
	Values  *tfAttributes
}

type tfStates []tfState

// UnmarshalJSON leaves out the resources that are not read.
func (all *tfStates) UnmarshalJSON(text []byte) error {
	return each(text, func(s *tfState) {
		if isTFRead(s.Type) {
			*all = append(*all, *s)
		}
	})
}

// tfAttributes are all attributes that are read, of any resource.
type tfAttributes struct {
	Name          json.RawMessage
	FQDN          json.RawMessage
	Type          json.RawMessage
	Records       json.RawMessage
	TTL           json.RawMessage
	Alias         json.RawMessage
	SetIdentifier json.RawMessage `json:"set_identifier"`
	Weighted      json.RawMessage `json:"weighted_routing_policy"`
	Multivalue    json.RawMessage `json:"multivalue_answer_routing_policy"`
	ZoneID        json.RawMessage `json:"zone_id"`
	ID            json.RawMessage
	ZoneName      json.RawMessage `json:"zone_name"`
	Zone          json.RawMessage
	DNSName       json.RawMessage `json:"dns_name"`
	NameServers   json.RawMessage `json:"name_servers"`
	ManagedZone   json.RawMessage `json:"managed_zone"`
	VPC           json.RawMessage
	PrivateZone   json.RawMessage `json:"private_zone"`
	Visibility    json.RawMessage
	Value         json.RawMessage
	Values        json.RawMessage
	Content       json.RawMessage
	Priority      json.RawMessage
	MXPriority    json.RawMessage `json:"mx_priority"`
	Proxied       json.RawMessage
	Settings      json.RawMessage
	RRDatas       json.RawMessage
	Record        json.RawMessage
	Domain        json.RawMessage
	Subdomain     json.RawMessage
	FieldType     json.RawMessage
	Target        json.RawMessage
	Answers       json.RawMessage

	EmailIdentity json.RawMessage `json:"email_identity"`
	Signing       json.RawMessage `json:"dkim_signing_attributes"`
	MailFrom      json.RawMessage `json:"mail_from_domain"`
	OnMXFailure   json.RawMessage `json:"behavior_on_mx_failure"`
	Region        json.RawMessage
	ARN           json.RawMessage
	DKIMTokens    json.RawMessage `json:"dkim_tokens"`
	Verification  json.RawMessage `json:"verification_token"`

	VerificationStatus json.RawMessage `json:"verification_status"`
}

// UnmarshalJSON reads the named attributes. A value that is no object, such as
// true for "all unknown", has none.
func (a *tfAttributes) UnmarshalJSON(text []byte) error {
	if len(text) == 0 || text[0] != '{' {
		return nil
	}
	type bare tfAttributes
	return json.Unmarshal(text, (*bare)(a))
}

// tfConfiguration is the content of the `.tf` files, as far as plans have it.
type tfConfiguration struct {
	Providers map[string]tfProvider `json:"provider_config"`
	Root      tfModule              `json:"root_module"`
}

type tfProvider struct {
	Expressions struct{ Region tfExpression }
}

type tfModule struct {
	Resources []tfResource
	Outputs   map[string]struct{ Expression tfExpression }
	Calls     map[string]*tfCall `json:"module_calls"`
	// Variables have their defaults.
	Variables map[string]struct {
		Default   json.RawMessage
		Sensitive bool
	}
}

// tfResource is a resource in the configuration.
type tfResource struct {
	Address     string
	Type        string
	Name        string
	Mode        string
	ProviderKey string `json:"provider_config_key"`
	Expressions tfExpressions
	ForEach     tfExpression `json:"for_each_expression"`
}

type tfCall struct {
	Source      string
	Expressions map[string]tfExpression
	ForEach     tfExpression `json:"for_each_expression"`
	Module      tfModule
}

// tfExpression is the references in a value. Blocks have none.
type tfExpression struct {
	Constant   json.RawMessage `json:"constant_value"`
	References []string
}

// UnmarshalJSON reads a value that is no expression, such as a block, as one
// without references.
func (e *tfExpression) UnmarshalJSON(text []byte) error {
	type bare tfExpression
	if len(text) == 0 || text[0] != '{' || json.Unmarshal(text, (*bare)(e)) != nil {
		*e = tfExpression{}
	}
	return nil
}

// tfExpressions are the expressions that are read, of any resource.
type tfExpressions struct {
	Name, FQDN, Type, Records, Alias           tfExpression
	ZoneID                                     tfExpression `json:"zone_id"`
	Zone, Value, Values, Content, RRDatas      tfExpression
	ZoneName                                   tfExpression `json:"zone_name"`
	ManagedZone                                tfExpression `json:"managed_zone"`
	Record, Domain, Subdomain, Target, Answers tfExpression
	EmailIdentity                              tfExpression `json:"email_identity"`
}

// all are the expressions that a record is made of.
func (e *tfExpressions) all() []tfExpression {
	return []tfExpression{e.Name, e.Subdomain, e.Domain, e.Records, e.Value, e.Values, e.Content, e.RRDatas, e.Record, e.Target, e.Answers}
}

// tfPlan is a document, with an index of its resources.
type tfPlan struct {
	tfDocument
	z       *Zones
	c       *Changes
	path    string
	zones   map[string]string        // names by the ids of zones
	byID    map[string][]*tfInstance // zones by their ids, by Google's names for them, and by zoneKey
	deletes map[string]bool          // zones by their address
	found   map[string][]*tfInstance // resources and data by their address without an index
	files   *tfFiles
	shown   map[string]string // addresses as they are shown, where that is otherwise
	usual   string            // the region of resources that name none
	regions map[string]string // of providers, as their resources have them
	several *bool             // AWS's providers have several regions; nil if not counted yet
}

// tfInstance is a resource as it will be, or was.
type tfInstance struct {
	module, typ, name string
	address, index    string
	after, unknown    *tfAttributes
}

// bareAddress is an address without the index at its end.
func bareAddress(s string) string {
	if strings.HasSuffix(s, "]") {
		if i := lastIndex(s); i > 0 {
			return s[:i]
		}
	}
	return s
}

// lastIndex is where the index at the end of an address begins.
func lastIndex(s string) int {
	quoted := false
	for i := len(s) - 1; i >= 0; i-- {
		switch {
		case s[i] == '"' && (i == 0 || s[i-1] != '\\'):
			quoted = !quoted
		case s[i] == '[' && !quoted:
			return i
		}
	}
	return -1
}

// bareModule is a module's address without indices, as the configuration has it:
// its calls from the root.
func bareModule(address string) (calls []string) {
	for address != "" {
		rest, ok := strings.CutPrefix(address, "module.")
		if !ok {
			return calls
		}
		i := strings.IndexAny(rest, ".[")
		if i < 0 {
			return append(calls, rest)
		}
		calls = append(calls, rest[:i])
		if rest[i] == '[' {
			end := strings.Index(rest, "]")
			if strings.HasPrefix(rest[i:], `["`) {
				end = strings.Index(rest, `"]`) + 1
			}
			if end < i {
				return calls
			}
			i = end + 1
		}
		address = strings.TrimPrefix(rest[min(i, len(rest)):], ".")
	}
	return calls
}

// terraform reads a plan or a state.
func (z *Zones) terraform(ctx context.Context, path, text string) error {
	p := &tfPlan{z: z, c: z.change(), path: path, zones: map[string]string{}, byID: map[string][]*tfInstance{}, deletes: map[string]bool{}, found: map[string][]*tfInstance{}}
	if err := json.Unmarshal([]byte(text), &p.tfDocument); err != nil {
		return broken(path, text, err, "Terraform")
	}
	if major, _, _ := strings.Cut(p.FormatVersion, "."); major != "0" && major != "1" {
		return wrongAt(path, 0, "it is Terraform JSON in an unknown format; only 1.x is read")
	}
	if p.Errored {
		return wrongAt(path, 0, "the plan failed, so it is incomplete; create it again")
	}
	if p.ResourceChanges == nil && p.Values == nil {
		return wrongAt(path, 0, "there is no resource in it; use the output of `terraform show -json` for a plan or state")
	}
	p.files = newTFFiles(path, &p.Configuration.Root)
	return p.run(ctx)
}

// run takes all changes.
func (p *tfPlan) run(ctx context.Context) error {
	p.collect()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for i := range p.ResourceChanges {
		if err := p.change(&p.ResourceChanges[i]); err != nil {
			return err
		}
	}
	if p.ResourceChanges == nil && p.Values != nil {
		return p.state(&p.Values.Root)
	}
	return nil
}

// broken describes invalid JSON of a tool, without quoting it.
func broken(path, text string, err error, tool string) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	line := func(at int64) int { return 1 + strings.Count(text[:min(int(at), len(text))], "\n") }
	switch {
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(text)):
		return wrongAt(path, 0, errEnds.Error())
	case errors.As(err, &syntax):
		return wrongAt(path, line(syntax.Offset), "this is not JSON")
	case errors.As(err, &kind):
		return wrongAt(path, line(kind.Offset), "this is not as "+tool+" writes it")
	}
	return wrongAt(path, 0, "this is not as "+tool+" writes it")
}

// collect indexes resources that are referred to, and the names of zones.
func (p *tfPlan) collect() {
	if p.PriorState != nil && p.PriorState.Values != nil {
		p.collectState(&p.PriorState.Values.Root)
	}
	if p.Values != nil {
		p.collectState(&p.Values.Root)
	}
	for i := range p.ResourceChanges {
		r := &p.ResourceChanges[i]
		if slices.Equal(r.Change.Actions, []string{"delete"}) {
			p.deletes[r.Address] = isTFZone[r.Type]
		}
		for _, a := range []*tfAttributes{r.Change.Before, r.Change.After} {
			p.add(&tfInstance{r.Module, r.Type, r.Name, r.Address, tfIndex(r.Index), a, r.Change.Unknown})
		}
	}
}

func (p *tfPlan) collectState(m *tfStateModule) {
	for i := range m.Resources {
		r := &m.Resources[i]
		p.add(&tfInstance{m.Address, r.Type, r.Name, r.Address, tfIndex(r.Index), r.Values, nil})
	}
	for i := range m.Children {
		p.collectState(&m.Children[i])
	}
}

// add indexes a resource, in place of its earlier version.
func (p *tfPlan) add(r *tfInstance) {
	if r.after == nil || !isTFZone[r.typ] && !isTFIdentity[r.typ] {
		return
	}
	key := bareAddress(r.address)
	same := func(o *tfInstance) bool { return o.address == r.address }
	if i := slices.IndexFunc(p.found[key], same); i >= 0 {
		p.found[key][i] = r
	} else {
		p.found[key] = append(p.found[key], r)
	}
	if isTFZone[r.typ] {
		name := tfZoneName(r.typ, r.after)
		for _, id := range []string{tfText(r.after.ZoneID), tfText(r.after.ID)} {
			if id != "" && name != "" {
				p.zones[id] = name
			}
			p.byID[id] = append(p.byID[id], r)
		}
		if apex, err := parseName(strings.ToLower(name)); err == nil {
			key := zoneKey(r.typ, apex)
			p.byID[key] = append(p.byID[key], r)
		}
		if r.typ == "google_dns_managed_zone" {
			id := tfText(r.after.Name)
			if was, ok := p.zones["google "+id]; ok && was != name {
				name = "" // zones of two projects
			}
			p.zones["google "+id] = name
			p.byID[id] = append(p.byID[id], r)
		}
	}
}

// zoneKey is the key of a zone for records that name it, by the provider of both.
func zoneKey(typ string, apex record.Name) string {
	provider, _, _ := strings.Cut(typ, "_")
	return provider + " " + string(apex)
}

// privateZone is why the records of a private zone are skipped.
const privateZone = "its zone is private, so it is not in public DNS"

// isTFPrivate reports whether a zone is answered in private networks only.
func isTFPrivate(a *tfAttributes) bool {
	return len(tfList(a.VPC)) > 0 || string(a.PrivateZone) == "true" || tfText(a.Visibility) == "private"
}

// inPrivate reports whether a record is in a private zone, and not in a public one.
func (p *tfPlan) inPrivate(r *tfChange, a *tfAttributes) bool {
	zones := p.zonesIn(r, a)
	return len(zones) > 0 && !slices.ContainsFunc(zones, isPublic)
}

// inPublic reports whether a record is, or may be, in a public zone of the plan.
func (p *tfPlan) inPublic(r *tfChange, a *tfAttributes) bool {
	return slices.ContainsFunc(p.zonesIn(r, a), isPublic)
}

func isPublic(z *tfInstance) bool { return !isTFPrivate(z.after) }

// zonesIn are the zones that a record with these attributes may be in: those with
// its zone's id. If that is not known, or also that of zones of the other kind, as
// Google's names may be, they are those that its configuration refers to.
func (p *tfPlan) zonesIn(r *tfChange, a *tfAttributes) []*tfInstance {
	if a == nil || r.Type != "aws_route53_record" && r.Type != "google_dns_record_set" {
		return nil
	}
	id := cmp.Or(tfText(a.ZoneID), tfText(a.ManagedZone))
	all := p.byID[id]
	differ := func(z *tfInstance) bool { return isPublic(z) != isPublic(all[0]) }
	if id == "" || id == pulumiUnknown || slices.ContainsFunc(all, differ) {
		return p.zonesOf(r)
	}
	return all
}

// zonesOf are the zones that the zone of a record refers to.
func (p *tfPlan) zonesOf(r *tfChange) (all []*tfInstance) {
	c := p.configured(r.Module, r.Type, r.Name)
	if c == nil {
		return nil
	}
	f := &tfFollow{p: p}
	for _, e := range []tfExpression{c.Expressions.ZoneID, c.Expressions.ManagedZone} {
		f.all(bareModule(r.Module), e, c.ForEach)
	}
	for _, from := range f.from {
		for _, z := range f.instances(from) {
			if isTFZone[z.typ] {
				all = append(all, z)
			}
		}
	}
	return all
}

// isTFZone are the resources that are zones.
var isTFZone = map[string]bool{
	"aws_route53_zone": true, "azurerm_dns_zone": true, "cloudflare_zone": true, "digitalocean_domain": true, "dnsimple_zone": true,
	"gandi_livedns_domain": true, "google_dns_managed_zone": true, "hcloud_zone": true, "ns1_zone": true, "ovh_domain_zone": true,
}

// isTFIdentity are the resources that are identities of Amazon SES, or parts.
var isTFIdentity = map[string]bool{
	"aws_sesv2_email_identity": true, "aws_sesv2_email_identity_mail_from_attributes": true,
	"aws_ses_domain_identity": true, "aws_ses_domain_dkim": true, "aws_ses_domain_mail_from": true, "aws_ses_email_identity": true,
}

// tfZoneName is the name of a zone.
func tfZoneName(typ string, a *tfAttributes) string {
	switch typ {
	case "google_dns_managed_zone":
		return tfText(a.DNSName)
	case "cloudflare_zone", "ns1_zone":
		return cmp.Or(tfText(a.Name), tfText(a.Zone))
	}
	return tfText(a.Name)
}

func tfIndex(raw json.RawMessage) string { return tfText(raw) }

// tfText is a string or number; "" for any other type.
func tfText(raw json.RawMessage) string {
	if len(raw) == 0 {
		return ""
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	if c := raw[0]; c == '-' || c >= '0' && c <= '9' {
		return string(raw)
	}
	return ""
}

// tfList are the values of a list.
func tfList(raw json.RawMessage) []json.RawMessage {
	var all []json.RawMessage
	if len(raw) == 0 || raw[0] != '[' || json.Unmarshal(raw, &all) != nil {
		return nil
	}
	return all
}

// tfBlock are the attributes of a block.
func tfBlock(raw json.RawMessage) map[string]json.RawMessage {
	var m map[string]json.RawMessage
	if len(raw) == 0 || raw[0] != '{' || json.Unmarshal(raw, &m) != nil {
		return nil
	}
	return m
}

// tfUnknown reports whether a value, or a part of it, is unknown.
func tfUnknown(raw json.RawMessage) bool {
	switch {
	case string(raw) == "true":
		return true
	case len(raw) > 0 && raw[0] == '[':
		return slices.ContainsFunc(tfList(raw), tfUnknown)
	case len(raw) > 0 && raw[0] == '{':
		for _, v := range tfBlock(raw) {
			if tfUnknown(v) {
				return true
			}
		}
	}
	return false
}

// state takes all that a state has as it is.
func (p *tfPlan) state(m *tfStateModule) error {
	for i := range m.Resources {
		r := &m.Resources[i]
		if r.Mode != "managed" || r.Values == nil {
			continue
		}
		one := &tfChange{Address: r.Address, Module: m.Address, Mode: r.Mode, Type: r.Type, Name: r.Name, Index: r.Index}
		one.Change.Actions, one.Change.After = []string{"no-op"}, r.Values
		if err := p.change(one); err != nil {
			return err
		}
	}
	for i := range m.Children {
		if err := p.state(&m.Children[i]); err != nil {
			return err
		}
	}
	return nil
}

// change reads the change of a resource. A resource that Terraform forgets stays.
func (p *tfPlan) change(r *tfChange) error {
	has := func(action string) bool { return slices.Contains(r.Change.Actions, action) }
	if r.Mode != "managed" || has("forget") && !has("create") || has("read") {
		return nil
	}
	if has("forget") {
		r.Change.Before = nil
	}
	changed := !has("no-op")
	none := &tfAttributes{}
	unknown := r.Change.Unknown
	if unknown == nil {
		unknown = none
	}
	switch {
	case isTFIdentity[r.Type]:
		p.identity(r, unknown)
		return nil
	case isTFZone[r.Type]:
		p.hosted(r)
		return nil
	}
	if p.skipPrivate(r); r.Change.Before == nil && r.Change.After == nil {
		return nil
	}
	if r.Change.Before != nil && changed {
		if s, ok := p.set(r, r.Change.Before, none); ok && !p.goesWithZone(r, s) {
			if err := p.dropped(r, s); err != nil {
				return err
			}
		}
	}
	if r.Change.After == nil {
		return nil
	}
	s, ok := p.set(r, r.Change.After, unknown)
	if !ok {
		return nil
	}
	return p.made(r, s, changed)
}

// skipPrivate removes the states of a record that are in private zones. A record
// that moves to one is deleted only from a zone that is known to be public.
func (p *tfPlan) skipPrivate(r *tfChange) {
	before, after := p.inPrivate(r, r.Change.Before), p.inPrivate(r, r.Change.After)
	if after || before && r.Change.After == nil {
		p.skip(r, privateZone)
	}
	if before || after && !p.inPublic(r, r.Change.Before) {
		r.Change.Before = nil
	}
	if after {
		r.Change.After = nil
	}
}

// goesWithZone reports whether the old state of a record is in a zone that the plan
// deletes. Whether that zone answers decides about all of its records.
func (p *tfPlan) goesWithZone(r *tfChange, s tfSet) bool {
	zones := p.byID[cmp.Or(tfText(r.Change.Before.ZoneID), tfText(r.Change.Before.ManagedZone), zoneKey(r.Type, s.zone))]
	goes := func(z *tfInstance) bool { return p.deletes[z.address] }
	stays := func(z *tfInstance) bool {
		return !goes(z) && !strings.HasPrefix(z.address, "data.") && !strings.Contains(z.address, ".data.")
	}
	return slices.ContainsFunc(zones, goes) && !slices.ContainsFunc(zones, stays)
}

// dropped reads the old state of a resource.
func (p *tfPlan) dropped(r *tfChange, s tfSet) error {
	records, _ := p.records(r, s)
	for _, one := range records {
		if err := p.c.drops(one, s.whole); err != nil {
			return err
		}
	}
	return nil
}

// made reads the new state of a resource.
func (p *tfPlan) made(r *tfChange, s tfSet, changed bool) error {
	if s.unusable != "" {
		p.skip(r, s.unusable)
		if s.zoneless && changed && s.typ != 0 {
			return p.c.addZoneless(s.relative, Promise{Place: p.place(r), Type: s.typ, Count: 1})
		}
		return nil
	}
	p.c.belongs(s.zone, s.owner, s.typ)
	if s.unknown {
		return p.c.promises(p.promise(r, s), s.whole)
	}
	records, wrong := p.records(r, s)
	for _, one := range records {
		if err := p.c.adds(one, s.whole, changed); err != nil {
			return err
		}
	}
	if wrong != "" {
		p.skip(r, wrong)
	}
	return nil
}

// skip notes a record that cannot be read.
func (p *tfPlan) skip(r *tfChange, why string) {
	place := p.place(r)
	p.z.skipped = addSkipped(p.z.skipped, Skipped{What: r.Type, Why: why, Count: 1, File: cmp.Or(place.File, p.path), Line: place.Line})
}

// place is where a resource is made.
func (p *tfPlan) place(r *tfChange) Place {
	at := p.files.find(bareModule(r.Module), r.Type, r.Name)
	at.Address = p.show(r.Address)
	return at
}

// show is an address as it is shown.
func (p *tfPlan) show(address string) string {
	if s := p.shown[address]; s != "" {
		return s
	}
	return address
}

// records are the records of an RRset, including those with unreadable data.
func (p *tfPlan) records(r *tfChange, s tfSet) (all []Record, wrong string) {
	base := Record{RR: record.RR{Owner: s.owner, TTL: seconds(s.ttl, defaultAbsent), Data: record.Record{Type: s.typ}}, Place: p.place(r), Proxied: s.proxied, Computed: s.computed, Set: s.set, Weightless: s.weight == "0"}
	if s.owner == "" || s.typ == 0 {
		return nil, s.unusable
	}
	if s.computed || asked[s.typ] == "" {
		if base.Data.Type == record.AAAA {
			base.Data.Type = record.A
		}
		return []Record{base}, ""
	}
	for _, v := range s.values {
		one := base
		d, err := s.read(v)
		if err != nil {
			one.Unreadable, wrong = err.Error(), fmt.Sprintf("%s record: %v", s.typ, err)
			d = record.Record{Type: s.typ}
		}
		one.Data = d
		all = append(all, one)
	}
	return all, wrong
}

// hosted takes a zone. One that is replaced is deleted and made.
func (p *tfPlan) hosted(r *tfChange) {
	has := func(action string) bool { return slices.Contains(r.Change.Actions, action) }
	if a := r.Change.Before; a != nil && has("delete") {
		p.addHosted(r, a, Hosted{Gone: true})
	}
	if a := r.Change.After; a != nil {
		p.addHosted(r, a, Hosted{New: has("create")})
	}
}

// addHosted takes a zone with some attributes of a resource, unless it is private.
func (p *tfPlan) addHosted(r *tfChange, a *tfAttributes, h Hosted) {
	apex, err := parseName(tfZoneName(r.Type, a))
	if err != nil || isTFPrivate(a) {
		return
	}
	h.Place, h.Apex, h.path = p.place(r), apex, p.path
	for _, raw := range tfList(a.NameServers) {
		if n, err := parseName(tfText(raw)); err == nil {
			h.NameServers = append(h.NameServers, n)
		}
	}
	p.c.addHosted(h)
}

// identity takes an identity of Amazon SES, or a part.
func (p *tfPlan) identity(r *tfChange, unknown *tfAttributes) {
	before, after := r.Change.Before, r.Change.After
	if slices.Contains(r.Change.Actions, "no-op") { // also in a state
		before = after
	}
	var now *Identity
	if before != nil {
		one := p.describe(r, before, &tfAttributes{})
		now = &one
	}
	if after != nil {
		id := p.describe(r, after, unknown)
		if id.Region == "" && now != nil {
			id.Region, id.RegionOpen = now.Region, now.RegionOpen
		}
		if !id.isAnother(now) {
			id.Replaced = now != nil && slices.Contains(r.Change.Actions, "create") && slices.Contains(r.Change.Actions, "delete")
			id.Now, now = now, nil
		}
		p.c.ids = append(p.c.ids, id)
	}
	if now != nil {
		id := *now
		id.Gone, id.Now = true, now
		p.c.ids = append(p.c.ids, id)
	}
}

// isAnother reports whether a resource has another identity than before, so that
// the one before is deleted.
func (id *Identity) isAnother(before *Identity) bool {
	differ := func(a, b string) bool { return a != "" && b != "" && !strings.EqualFold(a, b) }
	return before != nil && (differ(id.Name, before.Name) || differ(id.Region, before.Region))
}

// describe is an identity, or a part of one, with some attributes of a resource.
func (p *tfPlan) describe(r *tfChange, a, unknown *tfAttributes) Identity {
	id := Identity{
		Place: p.place(r), Name: cmp.Or(tfText(a.EmailIdentity), tfText(a.Domain)),
		MailFrom: tfText(a.MailFrom), OnMXFailure: sesWord(tfText(a.OnMXFailure)), Verification: tfText(a.Verification),
		Verified: tfText(a.VerificationStatus), MailFromOpen: tfUnknown(unknown.MailFrom), Promised: tfUnknown(unknown.DKIMTokens), Proves: tfUnknown(unknown.Verification),
		Part: r.Type != "aws_sesv2_email_identity" && r.Type != "aws_ses_domain_identity",
	}
	id.Region, id.RegionOpen = p.region(r, a)
	tokens := tfList(a.DKIMTokens)
	for _, block := range tfList(a.Signing) {
		b := tfBlock(block)
		tokens = append(tokens, tfList(b["tokens"])...)
		id.Origin, id.Selector, id.Status = tfText(b["signing_attributes_origin"]), tfText(b["domain_signing_selector"]), tfText(b["status"])
	}
	id.SelectorOpen = id.Selector == "" && p.selectorOpen(r, unknown.Signing)
	if id.Selector != "" && id.Origin == "" {
		id.Origin = "EXTERNAL"
	}
	if id.Origin == "EXTERNAL" && id.Selector == "" && len(tokens) > 0 {
		id.Selector, tokens = tfText(tokens[0]), nil
	}
	for _, t := range tokens {
		if s := tfText(t); s != "" && id.Origin != "EXTERNAL" {
			id.Tokens = append(id.Tokens, s)
		}
	}
	if r.Type == "aws_sesv2_email_identity" && id.Origin != "EXTERNAL" {
		id.Promised = tfUnknown(unknown.Signing) && len(id.Tokens) == 0
	}
	return id
}

// selectorOpen reports whether an identity may have a key of the user's own, with a
// selector that is not known yet. A block that is all unknown is that of Easy DKIM if
// the configuration of the resource is known.
func (p *tfPlan) selectorOpen(r *tfChange, unknown json.RawMessage) bool {
	if string(unknown) == "true" {
		return p.configured(r.Module, r.Type, r.Name) == nil
	}
	return slices.ContainsFunc(tfList(unknown), func(block json.RawMessage) bool { return tfUnknown(tfBlock(block)["domain_signing_selector"]) })
}

// sesWord is the value of API v2 for the behaviour without an MX.
func sesWord(s string) string {
	switch s {
	case "UseDefaultValue":
		return "USE_DEFAULT_VALUE"
	case "RejectMessage":
		return "REJECT_MESSAGE"
	}
	return s
}

// region is the region of a resource: its own, that of its ARN, or its provider's. It
// is open if the provider is not known, or if AWS has several providers, and the region
// of this one is not known.
func (p *tfPlan) region(r *tfChange, a *tfAttributes) (region string, open bool) {
	if s := cmp.Or(tfText(a.Region), regionOfARN(a)); s != "" {
		return s, false
	}
	c := p.configured(r.Module, r.Type, r.Name)
	if c == nil && r.Change.After == nil && p.hasRegions() {
		return "", true
	}
	key := providerKey(c)
	region = cmp.Or(p.regionOf(key), p.seen()[key])
	if region == "" {
		return "", p.hasRegions()
	}
	return region, c == nil && r.Change.After == nil
}

// providerKey is the provider of a resource; the default one if it is not known.
func providerKey(c *tfConfigured) string {
	if c == nil {
		return "aws"
	}
	return cmp.Or(c.ProviderKey, "aws")
}

// regionOfARN is the region in the ARN of a resource; "" if it has none.
func regionOfARN(a *tfAttributes) string {
	if parts := strings.Split(tfText(a.ARN), ":"); len(parts) > 4 && parts[0] == "arn" {
		return parts[3]
	}
	return ""
}

// hasRegions reports whether AWS's providers have more than one region. One that is
// not known counts, too.
func (p *tfPlan) hasRegions() bool {
	if p.several == nil {
		several := p.countsRegions()
		p.several = &several
	}
	return *p.several
}

// countsRegions is hasRegions without its memory.
func (p *tfPlan) countsRegions() bool {
	first, some := "", false
	for key := range p.Configuration.Providers {
		if bare := key[strings.LastIndexByte(key, ':')+1:]; bare != "aws" && !strings.HasPrefix(bare, "aws.") {
			continue
		}
		region := p.regionOf(key)
		if some && region != first {
			return true
		}
		first, some = region, true
	}
	return false
}

// seen are the regions of providers that the ARNs of their resources have.
func (p *tfPlan) seen() map[string]string {
	if p.regions != nil {
		return p.regions
	}
	p.regions = map[string]string{}
	for i := range p.ResourceChanges {
		r := &p.ResourceChanges[i]
		if c := p.configured(r.Module, r.Type, r.Name); c != nil && isTFIdentity[r.Type] {
			for _, a := range []*tfAttributes{r.Change.Before, r.Change.After} {
				if a != nil && regionOfARN(a) != "" {
					p.regions[providerKey(c)] = regionOfARN(a)
				}
			}
		}
	}
	return p.regions
}

// regionOf is the region of a provider; "" if it is not known.
func (p *tfPlan) regionOf(key string) string {
	provider, ok := p.Configuration.Providers[key]
	if !ok {
		_, bare, _ := strings.Cut(key, ":")
		provider = p.Configuration.Providers[bare]
	}
	e := provider.Expressions.Region
	if s := tfText(e.Constant); s != "" {
		return s
	}
	for _, ref := range e.References {
		if name, ok := strings.CutPrefix(ref, "var."); ok {
			return p.variable(name)
		}
	}
	if len(e.References) > 0 {
		return ""
	}
	return p.usual
}

// variable is the value of a variable of the root module, if that is no secret.
func (p *tfPlan) variable(name string) string {
	v := p.Configuration.Root.Variables[name]
	if v.Sensitive {
		return ""
	}
	return cmp.Or(tfText(p.Variables[name].Value), tfText(v.Default))
}
