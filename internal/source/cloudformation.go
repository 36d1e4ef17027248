package source

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
)

// This file reads CloudFormation templates in YAML or JSON, including those of
// AWS CDK and SAM. Values that only AWS knows stay unknown.

// isTemplate reports whether a document is a template.
func isTemplate(n *node) bool {
	resources := n.at("Resources")
	if resources == nil || !resources.mapping {
		return false
	}
	return n.at("AWSTemplateFormatVersion") != nil || slices.ContainsFunc(resources.pairs, func(p pair) bool {
		return strings.Contains(p.value.at("Type").string(), "::")
	})
}

// template is a template while it is read.
type template struct {
	z    *Zones
	c    *Changes
	path string
	doc  *node
}

// cloudFormation reads a template.
func (z *Zones) cloudFormation(path string, doc *node) error {
	if !isTemplate(doc) {
		return wrongAt(path, 0, otherForm.notPlan())
	}
	t := &template{z: z, c: z.change(), path: path, doc: doc}
	for _, r := range doc.at("Resources").pairs {
		properties := r.value.at("Properties")
		at := Place{File: path, Line: r.line, End: r.value.end, Address: r.key}
		condition := r.value.at("Condition").string()
		var err error
		switch typ := r.value.at("Type").string(); {
		case typ == "AWS::Route53::RecordSet":
			err = t.recordSet(at, properties, properties, condition)
		case typ == "AWS::Route53::RecordSetGroup":
			for _, s := range properties.at("RecordSets").list() {
				at.Line, at.End = s.line, s.end
				if err = t.recordSet(at, s, properties, condition); err != nil {
					break
				}
			}
		case typ == "AWS::Route53::HostedZone":
			if apex, e := parseName(strings.ToLower(t.text(properties.at("Name")))); e == nil && len(properties.at("VPCs").list()) == 0 {
				t.c.addHosted(Hosted{Place: at, Apex: apex})
			}
		case typ == "AWS::SES::EmailIdentity":
			t.identity(at, properties)
		case strings.HasPrefix(r.key, "Fn::ForEach"):
			z.skipped = addSkipped(z.skipped, Skipped{What: "Fn::ForEach", Why: "what it creates is known only after AWS reads it", Count: 1, File: path, Line: r.line})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// recordSet takes an RRset; of a group, the zone is the group's.
func (t *template) recordSet(at Place, n, group *node, condition string) error {
	name, word := t.value(n.at("Name"), 0), t.text(n.at("Type"))
	typ, known := parseType(word)
	if !known && word != "" {
		t.z.skipped = addSkipped(t.z.skipped, Skipped{What: short(word) + " record", Why: "DNS has no such type", Count: 1, File: t.path, Line: at.Line})
		return nil
	}
	if id := t.value(group.at("HostedZoneId"), 0); len(id) == 1 && len(t.doc.at("Resources", id[0].Unknown, "Properties", "VPCs").list()) > 0 {
		t.z.skipped = addSkipped(t.z.skipped, Skipped{What: word + " record", Why: privateZone, Count: 1, File: t.path, Line: at.Line})
		return nil
	}
	base := Record{RR: record.RR{TTL: seconds(t.text(n.at("TTL")), defaultAbsent), Data: record.Record{Type: typ}}, Place: at}
	if t.text(n.at("MultiValueAnswer")) != "true" {
		base.Set, base.Weightless = n.at("SetIdentifier").string(), t.text(n.at("Weight")) == "0"
	}
	whole := !n.at("SetIdentifier").known()
	if s, ok := name.known(); ok {
		owner, err := parseName(decimal(strings.ToLower(s)))
		if err != nil {
			t.z.skipped = addSkipped(t.z.skipped, Skipped{What: word + " record", Why: "its name is not valid", Count: 1, File: t.path, Line: at.Line})
			return nil
		}
		base.Owner = owner
	}
	p := Promise{Place: at, Owner: base.Owner, Type: typ, Zone: t.zone(group), Name: name}
	var values []Pattern
	for _, v := range n.at("ResourceRecords").list() {
		values = append(values, t.value(v, 0))
	}
	p.Values, p.Count = values, max(len(values), 1)
	t.c.belongs(p.Zone, base.Owner, typ)
	p.from(name)
	unknown := base.Owner == "" || !known
	for _, v := range values {
		_, ok := v.known()
		p.from(v)
		unknown = unknown || !ok
	}
	if condition != "" {
		unknown, p.From = true, append(p.From, "condition "+condition)
	}
	switch {
	case n.at("AliasTarget").known() && base.Owner != "" && known:
		if base.Computed = true; typ == record.AAAA {
			base.Data.Type = record.A
		}
		return t.c.adds(base, whole, true)
	case unknown:
		p.Of = t.identities(p.From)
		return t.c.promises(p, whole)
	}
	return t.records(base, values, whole)
}

// records takes the records of an RRset of which all is known.
func (t *template) records(base Record, values []Pattern, whole bool) error {
	for _, v := range values {
		one := base
		if asked[base.Data.Type] != "" {
			text, _ := v.known()
			d, err := (notation{txt: route53}).read(base.Data.Type, text)
			if err != nil {
				one.Unreadable, d = err.Error(), record.Record{Type: base.Data.Type}
				t.z.skipped = addSkipped(t.z.skipped, Skipped{What: base.Data.Type.String() + " record", Why: one.Unreadable, Count: 1, File: t.path, Line: base.Line})
			}
			one.Data = d
		}
		if err := t.c.adds(one, whole, true); err != nil {
			return err
		}
	}
	return nil
}

// known is the text, if all of it is known.
func (p Pattern) known() (text string, ok bool) {
	var b strings.Builder
	for _, part := range p {
		if part.Unknown != "" {
			return "", false
		}
		b.WriteString(part.Text)
	}
	return b.String(), true
}

// from adds the sources of a text's unknown parts.
func (p *Promise) from(text Pattern) {
	for _, part := range text {
		if part.Unknown != "" && !slices.Contains(p.From, part.Unknown) {
			p.From = append(p.From, part.Unknown)
		}
	}
}

// identities are the identities with one of these attributes.
func (t *template) identities(from []string) (all []record.Name) {
	for _, f := range from {
		id, _, _ := strings.Cut(f, ".")
		r := t.doc.at("Resources", id)
		if r.at("Type").string() != "AWS::SES::EmailIdentity" {
			continue
		}
		n, err := parseName(strings.ToLower(t.text(r.at("Properties", "EmailIdentity"))))
		if err == nil && !slices.Contains(all, n) {
			all = append(all, n)
		}
	}
	return all
}

// zone is the zone of a record.
func (t *template) zone(n *node) record.Name {
	name := t.text(n.at("HostedZoneName"))
	if id := t.value(n.at("HostedZoneId"), 0); name == "" && len(id) == 1 && id[0].Unknown != "" {
		name = t.text(t.doc.at("Resources", id[0].Unknown, "Properties", "Name"))
	}
	apex, err := parseName(strings.ToLower(name))
	if err != nil {
		return ""
	}
	return apex
}

// identity takes an identity of Amazon SES.
func (t *template) identity(at Place, n *node) {
	id := Identity{
		Place: at, Name: t.text(n.at("EmailIdentity")),
		MailFrom: t.text(n.at("MailFromAttributes", "MailFromDomain")), OnMXFailure: t.text(n.at("MailFromAttributes", "BehaviorOnMxFailure")),
		MailFromOpen: t.isOpen(n.at("MailFromAttributes"), "MailFromDomain"),
		Selector:     t.text(n.at("DkimSigningAttributes", "DomainSigningSelector")),
	}
	if id.Selector != "" {
		id.Origin = "EXTERNAL"
	} else {
		id.Promised, id.SelectorOpen = !strings.Contains(id.Name, "@"), t.isOpen(n.at("DkimSigningAttributes"), "DomainSigningSelector")
	}
	t.c.ids = append(t.c.ids, id)
}

// isOpen reports whether the value at a key of a block is set, and not known; the
// block itself may be the result of a call.
func (t *template) isOpen(block *node, key string) bool {
	if isCall(block) {
		return true
	}
	_, known := t.value(block.at(key), 0).known()
	return !known && block.at(key).known() && !isNoValue(block.at(key))
}

// isCall reports whether a value is that of a function, other than no value.
func isCall(n *node) bool {
	if !n.known() || isNoValue(n) {
		return false
	}
	return n.tag != "" || n.mapping && len(n.pairs) == 1 && (n.pairs[0].key == "Ref" || strings.HasPrefix(n.pairs[0].key, "Fn::"))
}

// isNoValue reports whether a value leaves its key out.
func isNoValue(n *node) bool {
	call, argument := n.call()
	return call == "Ref" && argument.string() == "AWS::NoValue"
}

// text is a text of which all is known; "" for another.
func (t *template) text(n *node) string {
	s, _ := t.value(n, 0).known()
	return s
}

// value is the known part of a value.
func (t *template) value(n *node, depth int) Pattern {
	if !n.known() || depth > maxEvaluation {
		return nil
	}
	call, argument := n.call()
	switch {
	case call == "" && n.scalar:
		return Pattern{{Text: n.text}}
	case call == "Ref":
		return t.ref(argument.string(), depth)
	case call == "GetAtt":
		words := strings.Split(argument.string(), ".")
		if !argument.scalar {
			words = nil
			for _, w := range argument.list() {
				words = append(words, w.string())
			}
		}
		return Pattern{{Unknown: strings.Join(words, ".")}}
	case call == "Join":
		return t.join(argument, depth)
	case call == "Sub":
		return t.sub(argument, depth)
	case call == "Select":
		list := argument.list()
		i := int(seconds(list0(list), maxValues))
		if len(list) == 2 && i < len(list[1].items) {
			return t.value(list[1].items[i], depth+1)
		}
	}
	return Pattern{{Unknown: cmp.Or(call, "a value of another kind")}}
}

// list0 is the first text of a list.
func list0(list []*node) string {
	if len(list) == 0 {
		return ""
	}
	return list[0].string()
}

// call is the function that a value calls: {"Fn::Join": …} or !Join.
func (n *node) call() (name string, argument *node) {
	switch {
	case n.tag != "":
		return strings.TrimPrefix(n.tag, "!"), n
	case n.mapping && len(n.pairs) == 1:
		return strings.TrimPrefix(n.pairs[0].key, "Fn::"), n.pairs[0].value
	}
	return "", nil
}

// ref is the value of a Ref: the default of a parameter, or the name of an
// identity. Values that AWS decides are unknown.
func (t *template) ref(name string, depth int) Pattern {
	unknown := Pattern{{Unknown: name}}
	p := t.doc.at("Parameters", name)
	secret := p.at("NoEcho").string() == "true" || strings.HasPrefix(p.at("Type").string(), "AWS::SSM::")
	if d := p.at("Default"); d.known() && d.scalar && !secret {
		return Pattern{{Text: d.text}}
	}
	r := t.doc.at("Resources", name)
	if r.at("Type").string() == "AWS::SES::EmailIdentity" {
		return t.value(r.at("Properties", "EmailIdentity"), depth+1)
	}
	return unknown
}

func (t *template) join(n *node, depth int) (all Pattern) {
	list := n.list()
	if len(list) != 2 || list[1].scalar || list[1].mapping {
		return Pattern{{Unknown: "Join"}}
	}
	for i, item := range list[1].items {
		if i > 0 {
			all = append(all, Part{Text: list[0].string()})
		}
		all = append(all, t.value(item, depth+1)...)
	}
	return merged(all)
}

// hole matches a placeholder of Fn::Sub.
var hole = regexp.MustCompile(`\$\{(!?)([^}]*)\}`)

func (t *template) sub(n *node, depth int) (all Pattern) {
	text, variables := n.string(), (*node)(nil)
	if list := n.items; len(list) == 2 {
		text, variables = list[0].string(), list[1]
	}
	last := 0
	for _, m := range hole.FindAllStringSubmatchIndex(text, -1) {
		all = append(all, Part{Text: text[last:m[0]]})
		last = m[1]
		name := strings.TrimSpace(text[m[4]:m[5]])
		switch {
		case m[3] > m[2]: // ${!literal}
			all = append(all, Part{Text: "${" + name + "}"})
		case variables.at(name) != nil:
			all = append(all, t.value(variables.at(name), depth+1)...)
		case strings.Contains(name, "."):
			all = append(all, Part{Unknown: name})
		default:
			all = append(all, t.ref(name, depth+1)...)
		}
	}
	return merged(append(all, Part{Text: text[last:]}))
}
