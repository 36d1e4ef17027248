package publish

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/miekg/dns"
	"github.com/zclconf/go-cty/cty"
	"gopkg.in/yaml.v3"

	"github.com/sescheck/sescheck/internal/hostile"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

// texts are what the formats have to carry unharmed.
var texts = []string{
	"v=spf1 include:amazonses.com ~all",
	"v=spf1 include:%{i}._spf.${x}.$${y}.%%{z}.example.net ~all",
	"$${ $$${ %%%{ $ { % {",
	`a "quoted" word and a \ backslash \" and \\; and \;`,
	"v=DMARC1; p=reject; rua=mailto:a@example.net,mailto:b@example.net",
	"##[error]x ::error::x ##[[ ###[",
	"</script><!-- ]]> & ' ` -->",
	"yes", "null", "1e10", "~", "# no comment", "- no list", "{no: mapping}", "@", " blanks ", "",
	strings.Repeat("0123456789", 30),
	strings.Repeat("x", 254) + `"` + strings.Repeat("y", 255) + "#" + strings.Repeat("#", 254) + "[z]",
}

// zones are texts, and one of each other kind, in two zones.
func zones(texts ...string) []Zone {
	name := func(s string) record.Name { return record.MustName(s) }
	set := func(owner string, part wanted.Part, rs ...record.Record) wanted.Set {
		s := wanted.Set{Question: record.Question{Name: name(owner), Type: rs[0].Type}}
		for _, r := range rs {
			s.Records = append(s.Records, wanted.Record{Owner: s.Name, Data: r, Part: part, Purpose: "a test", Domain: "example.com"})
		}
		return s
	}
	var sets []wanted.Set
	for i, t := range texts {
		sets = append(sets, set(fmt.Sprintf("t%d.example.com", i), wanted.SPFRecord, record.NewTXT(t)))
	}
	sets = append(sets,
		set("example.com", wanted.SPFRecord, record.NewTXT("v=spf1 ~all")),
		set("_amazonses.example.com", wanted.Verification, record.NewTXT("one="), record.NewTXT("two=")),
		set("a._domainkey.example.com", wanted.DKIM, record.Record{Type: record.CNAME, Host: "a.dkim.amazonses.com"}),
		set("bounce.example.com", wanted.MailFrom, record.Record{Type: record.MX, Preference: 10, Host: "feedback-smtp.eu-west-1.amazonses.com"}),
		set("example.org", wanted.Receiving,
			record.Record{Type: record.MX, Preference: 10, Host: "inbound-smtp.eu-west-1.amazonaws.com"},
			record.Record{Type: record.MX, Preference: 10, Host: "inbound-smtp.us-east-1.amazonaws.com"}),
	)
	return Split(sets, []wanted.Note{{Domain: "example.com", Text: "a note"}}, record.Name.Registrable)
}

// rows are records as they should come back: name, type, and data with the
// text of TXT in one piece.
func row(name string, t record.Type, data string) string {
	return fmt.Sprintf("%s %s %q", strings.TrimSuffix(name, "."), t, data)
}

func want(zones []Zone) (rows []string) {
	for _, z := range zones {
		each(z.Sets, func(r wanted.Record) {
			data := r.Data.String()
			if r.Data.Type == record.TXT {
				data = r.Data.Text().Raw()
			}
			rows = append(rows, row(string(r.Owner), r.Data.Type, data))
		})
	}
	slices.Sort(rows)
	return rows
}

// readers read a format back with a parser that is not ours.
var readers = map[string]func(t *testing.T, text []byte) []string{
	"zone": func(t *testing.T, text []byte) (rows []string) {
		p := dns.NewZoneParser(bytes.NewReader(text), "", "")
		for rr, ok := p.Next(); ok; rr, ok = p.Next() {
			rows = append(rows, rrRow(t, rr.String()))
		}
		if err := p.Err(); err != nil {
			t.Fatal(err)
		}
		return rows
	},
	"json": func(t *testing.T, text []byte) (rows []string) {
		var doc struct {
			Records []struct {
				Name, Type, Data string
				Strings          []string
			}
		}
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		for _, r := range doc.Records {
			if r.Type == "TXT" {
				for _, s := range r.Strings {
					if len(s) > 255 {
						t.Errorf("a string of %d octets", len(s))
					}
				}
				rows = append(rows, row(r.Name, record.TXT, strings.Join(r.Strings, "")))
				continue
			}
			rows = append(rows, rrRow(t, r.Name+". 1 IN "+r.Type+" "+r.Data))
		}
		return rows
	},
	"route53": func(t *testing.T, text []byte) (rows []string) {
		var batch struct {
			Comment string
			Changes []struct {
				Action            string
				ResourceRecordSet struct {
					Name, Type      string
					TTL             int
					ResourceRecords []struct{ Value string }
				}
			}
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&batch); err != nil || batch.Comment == "" {
			t.Fatal(err)
		}
		for _, c := range batch.Changes {
			if s := c.ResourceRecordSet; c.Action == "UPSERT" && s.TTL == TTL {
				for _, v := range s.ResourceRecords {
					rows = append(rows, rrRow(t, fmt.Sprintf("%s 1 IN %s %s", s.Name, s.Type, v.Value)))
				}
			}
		}
		return rows
	},
	"octodns": func(t *testing.T, text []byte) (rows []string) {
		d := yaml.NewDecoder(bytes.NewReader(text))
		for _, z := range zones() {
			var doc yaml.Node
			if err := d.Decode(&doc); err != nil {
				t.Fatal(err)
			}
			before := ""
			for i := 0; i < len(doc.Content[0].Content); i += 2 {
				key, value := doc.Content[0].Content[i], doc.Content[0].Content[i+1]
				if i > 0 && natural(before, key.Value) >= 0 {
					t.Errorf("%s comes before %s", before, key.Value)
				}
				before = key.Value
				var sets []struct {
					TTL    int
					Type   string
					Value  string
					Values []yaml.Node
				}
				if err := value.Decode(&sets); err != nil {
					t.Fatal(err)
				}
				name := strings.TrimPrefix(key.Value+"."+string(z.Name), ".")
				for _, s := range sets {
					rows = append(rows, octoRows(t, name, s.Type, s.Value, s.Values)...)
				}
			}
		}
		return rows
	},
	"terraform": func(t *testing.T, text []byte) (rows []string) {
		for _, r := range resources(t, text, "aws_route53_record") {
			kind := r["type"].AsString()
			for _, v := range r["records"].AsValueSlice() {
				value := v.AsString()
				if kind == "TXT" { // as the provider does
					value = `"` + value + `"`
				}
				rows = append(rows, rrRow(t, fmt.Sprintf("%s. 1 IN %s %s", r["name"].AsString(), kind, value)))
			}
		}
		return rows
	},
	"cloudflare": func(t *testing.T, text []byte) (rows []string) {
		for _, r := range resources(t, text, "cloudflare_dns_record") {
			kind, value := r["type"].AsString(), r["content"].AsString()
			switch kind {
			case "MX":
				n, _ := r["priority"].AsBigFloat().Int64()
				value = fmt.Sprintf("%d %s.", n, value)
			case "CNAME":
				value += "."
				if !r["proxied"].False() {
					t.Errorf("%s may be proxied", r["name"].AsString())
				}
			}
			rows = append(rows, rrRow(t, fmt.Sprintf("%s. 1 IN %s %s", r["name"].AsString(), kind, value)))
		}
		return rows
	},
}

// rrRow reads a line of a zone file.
func rrRow(t *testing.T, line string) string {
	t.Helper()
	rr, err := dns.NewRR(line)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	switch rr := rr.(type) {
	case *dns.TXT: // in which the escapes of a zone file are still there
		buf := make([]byte, 4096)
		n, err := dns.PackRR(rr, buf, 0, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		name, _ := dns.PackDomainName(rr.Hdr.Name, make([]byte, 256), 0, nil, false)
		var text []byte
		for at := name + 10; at < n; at += 1 + int(buf[at]) {
			text = append(text, buf[at+1:at+1+int(buf[at])]...)
		}
		return row(rr.Hdr.Name, record.TXT, string(text))
	case *dns.MX:
		return row(rr.Hdr.Name, record.MX, fmt.Sprintf("%d %s", rr.Preference, rr.Mx))
	case *dns.CNAME:
		return row(rr.Hdr.Name, record.CNAME, rr.Target)
	}
	t.Fatalf("%s: what is it?", line)
	return ""
}

// octoRows reads values as octoDNS does: it takes quotes around a text off, and
// unescapes semicolons on the way to a provider.
func octoRows(t *testing.T, name, kind, value string, values []yaml.Node) (rows []string) {
	if kind == "CNAME" {
		return []string{row(name, record.CNAME, value)}
	}
	for _, v := range values {
		if kind == "MX" {
			var mx struct {
				Exchange   string
				Preference int
			}
			if err := v.Decode(&mx); err != nil {
				t.Fatal(err)
			}
			rows = append(rows, row(name, record.MX, fmt.Sprintf("%d %s", mx.Preference, mx.Exchange)))
			continue
		}
		var any any
		if err := v.Decode(&any); err != nil {
			t.Fatal(err)
		}
		text, is := any.(string)
		if !is {
			t.Errorf("%v is no string", any)
		}
		if strings.Contains(strings.ReplaceAll(text, `\;`, ""), ";") {
			t.Errorf("an unescaped semicolon: %s", text)
		}
		if strings.HasPrefix(text, `"`) {
			text = text[1 : len(text)-1]
		}
		text = strings.ReplaceAll(strings.ReplaceAll(text, `" "`, ""), `\;`, ";")
		rows = append(rows, row(name, record.TXT, text))
	}
	return rows
}

// resources reads HCL, and evaluates the arguments of its resources.
func resources(t *testing.T, text []byte, kind string) (all []map[string]cty.Value) {
	t.Helper()
	file, diags := hclparse.NewParser().ParseHCL(text, "records.tf")
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	ids := map[string]cty.Value{}
	for _, z := range zones() {
		ids[string(z.Name)] = cty.StringVal("id of " + string(z.Name))
	}
	context := &hcl.EvalContext{Variables: map[string]cty.Value{"var": cty.ObjectVal(map[string]cty.Value{"zone_ids": cty.MapVal(ids)})}}
	seen := map[string]bool{}
	for _, b := range file.Body.(*hclsyntax.Body).Blocks {
		if b.Type != "resource" {
			continue
		}
		if b.Labels[0] != kind || seen[b.Labels[1]] || !hclsyntax.ValidIdentifier(b.Labels[1]) {
			t.Errorf("resource %v", b.Labels)
		}
		seen[b.Labels[1]] = true
		r := map[string]cty.Value{}
		for name, a := range b.Body.Attributes {
			v, diags := a.Expr.Value(context)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			r[name] = v
		}
		if id := r["zone_id"].AsString(); !strings.HasSuffix(r["name"].AsString(), strings.TrimPrefix(id, "id of ")) {
			t.Errorf("%s is in the zone with the %s", r["name"].AsString(), id)
		}
		all = append(all, r)
	}
	return all
}

// TestReadBack: what is written in a format, its own parsers read as it was
// meant, and no line of it means anything to a CI runner.
func TestReadBack(t *testing.T) {
	t.Parallel()
	for _, f := range formats {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			readBack(t, f, zones(texts...))
		})
	}
	for name := range readers {
		if !slices.ContainsFunc(formats, func(f Format) bool { return f.Name == name }) {
			t.Errorf("there is no format %s", name)
		}
	}
}

// readBack writes zones in a format and reads them.
func readBack(t *testing.T, f Format, zones []Zone) {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b, zones); err != nil {
		if found := hostile.Commands(err.Error()); len(found) > 0 || !strings.Contains(err.Error(), "octoDNS cannot express to write") {
			t.Error(err)
		}
		return
	}
	if found := hostile.Commands(b.String()); len(found) > 0 {
		t.Errorf("%s: the runner would obey %q", f.Name, found)
	}
	if found := hostile.Characters(b.String()); len(found) > 0 {
		t.Errorf("%s: characters %q", f.Name, found)
	}
	read := readers[f.Name]
	if read == nil {
		return
	}
	got := read(t, b.Bytes())
	slices.Sort(got)
	if diff := cmp.Diff(want(zones), got); diff != "" {
		t.Errorf("%s: want -, got +\n%s", f.Name, diff)
	}
}

// FuzzReadBack writes a text in all formats, as the text of a record and in a
// note. Records are made of printable ASCII only, which is for others to see to;
// of what is not that no more is asked than that it is harmless.
func FuzzReadBack(f *testing.F) {
	for _, s := range slices.Concat(texts, hostile.Payloads) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		all := zones(s)
		all[0].Notes = append(all[0].Notes, wanted.Note{Domain: "example.com", Text: s})
		for _, format := range formats {
			if !untrusted.New(s).Plain() {
				format.Name += " of what is not plain" // and has no reader
			}
			readBack(t, format, all)
		}
	})
}

// TestResource: names of resources are valid, and different for different
// names.
func TestResource(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, n := range []string{
		"example.com", "example-com", "a.b.example", "a-b.example", "a_b.example", "a._b.example", "a__b.example", "a_.b.example", "a.__b.example",
		"_amazonses.example.com", "1und1.de", "_1und1.de", "n1und1.de", "*.example.com", "wildcard.example.com", "3abc._domainkey.example.com",
	} {
		got := resource(record.MustName(n), "txt")
		if !hclsyntax.ValidIdentifier(got) || seen[got] != "" {
			t.Errorf("%s: %s, as %s", n, got, seen[got])
		}
		seen[got] = n
	}
	for n, want := range map[record.Name]string{
		"bounce.example.com": "bounce_example_com_txt", "_dmarc.example.com": "_dmarc_example_com_txt", "a._domainkey.my-shop.example": "a__domainkey_my-shop_example_txt",
	} {
		if got := resource(n, "txt"); got != want {
			t.Errorf("%s: %s", n, got)
		}
	}
}

// TestNatural: the order that octoDNS insists on.
func TestNatural(t *testing.T) {
	t.Parallel()
	order := []string{"", "1", "2a", "10", "_amazonses", "a", "a2", "a2b", "a10", "a-b", "ab", "b", "b.c"}
	for i := range order {
		for j := range order {
			if got := natural(order[i], order[j]); (got < 0) != (i < j) || (got == 0) != (i == j) {
				t.Errorf("%q and %q: %d", order[i], order[j], got)
			}
		}
	}
}

// TestCannotBeWritten: what a format has no way to say is an error.
func TestCannotBeWritten(t *testing.T) {
	t.Parallel()
	z := zones("a")
	z[0].Sets[0].Records[0].Data = record.NewTXT(`a" "b`)
	if err := OctoDNS(&bytes.Buffer{}, z); err == nil || !strings.Contains(err.Error(), "octoDNS cannot express") {
		t.Error(err)
	}
	var many []wanted.Set
	for range maxBatch + 1 {
		many = append(many, z[0].Sets[1])
	}
	if err := Route53(&bytes.Buffer{}, []Zone{{Name: "example.com", Sets: many}}); err == nil || !strings.Contains(err.Error(), "501") {
		t.Error(err)
	}
}
