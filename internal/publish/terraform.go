package publish

import (
	"crypto/sha256"
	"fmt"
	"io"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/wanted"
)

const zoneIDs = `variable "zone_ids" {
  description = "The id of each zone at %s, by its name: %s"
  type        = map(string)
}
`

// Terraform writes resources of the AWS provider: one a name and type, as Route
// 53 has it.
func Terraform(w io.Writer, zones []Zone) error {
	var b strings.Builder
	writeZoneIDs(&b, "Route 53", zones)
	for _, z := range zones {
		comments(&b, "#", spaced(&b, z.Notes))
		for _, s := range z.Sets {
			fmt.Fprintf(&b, "\n# %s\nresource \"aws_route53_record\" %s {\n", purposes(s), quoteHCL(resource(s.Name, strings.ToLower(s.Type.String()))))
			fmt.Fprintf(&b, "  zone_id = var.zone_ids[%s]\n", quoteHCL(string(z.Name)))
			fmt.Fprintf(&b, "  name    = %s\n  type    = %s\n  ttl     = %d\n", quoteHCL(string(s.Name)), quoteHCL(s.Type.String()), TTL)
			b.WriteString("  records = [\n")
			for _, r := range s.All() {
				value := inRoute53(r)
				if r.Type == record.TXT { // the provider adds the outermost quotes
					value = strings.TrimSuffix(strings.TrimPrefix(value, `"`), `"`)
				}
				fmt.Fprintf(&b, "    %s,\n", quoteHCL(value))
			}
			b.WriteString("  ]\n}\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Cloudflare writes resources of Cloudflare's provider, version 5: one a record,
// and DNS only. A DKIM CNAME that is proxied has no key behind it.
func Cloudflare(w io.Writer, zones []Zone) error {
	var b strings.Builder
	writeZoneIDs(&b, "Cloudflare", zones)
	for _, z := range zones {
		comments(&b, "#", spaced(&b, z.Notes))
		each(z.Sets, func(r wanted.Record) {
			suffix := strings.ReplaceAll(string(r.Part), "-", "_")
			if !r.Sole() {
				suffix += "_" + fingerprint(r.Data.String())
			}
			fmt.Fprintf(&b, "\n# %s\nresource \"cloudflare_dns_record\" %s {\n", r.Purpose, quoteHCL(resource(r.Owner, suffix)))
			args := [][2]string{
				{"zone_id", "var.zone_ids[" + quoteHCL(string(z.Name)) + "]"},
				{"name", quoteHCL(string(r.Owner))},
				{"type", quoteHCL(r.Data.Type.String())},
				{"ttl", fmt.Sprint(TTL)},
			}
			switch r.Data.Type {
			case record.MX:
				args = append(args, [2]string{"content", quoteHCL(string(r.Data.Host))}, [2]string{"priority", fmt.Sprint(r.Data.Preference)})
			case record.CNAME:
				args = append(args, [2]string{"content", quoteHCL(string(r.Data.Host))}, [2]string{"proxied", "false"})
			default:
				args = append(args, [2]string{"content", quoteHCL(r.Data.String())})
			}
			width := len("zone_id")
			for _, a := range args {
				width = max(width, len(a[0]))
			}
			for _, a := range args {
				fmt.Fprintf(&b, "  %-*s = %s\n", width, a[0], a[1])
			}
			b.WriteString("}\n")
		})
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeZoneIDs(b *strings.Builder, where string, zones []Zone) {
	var names []string
	for _, z := range zones {
		names = append(names, string(z.Name))
	}
	fmt.Fprintf(b, zoneIDs, where, strings.Join(shorten.Items(names, 5), ", "))
}

// spaced puts an empty line before notes, if there are any.
func spaced(b *strings.Builder, notes []wanted.Note) []wanted.Note {
	if len(notes) > 0 {
		b.WriteByte('\n')
	}
	return notes
}

// inRoute53 is record data as Route 53 takes it. Its escapes are octal, so
// nothing is escaped that need not be.
func inRoute53(r record.Record) string {
	if r.Type != record.TXT {
		return r.String()
	}
	var parts []string
	for _, s := range r.Strings {
		parts = append(parts, `"`+strings.NewReplacer(`"`, `\"`, `\`, `\\`).Replace(s.Raw())+`"`)
	}
	return strings.Join(parts, " ")
}

// quoteHCL writes text as a string of HCL, in which it means itself: ${ and
// %{ would begin templates.
func quoteHCL(s string) string {
	return `"` + escaped(strings.NewReplacer(`\`, `\\`, `"`, `\"`, "${", "$${", "%{", "%%{").Replace(s)) + `"`
}

// escaped writes what is not printable ASCII, and `##[`, with the escapes that
// HCL and YAML share.
func escaped(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < ' ' || r > '~' {
			fmt.Fprintf(&b, `\U%08x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return strings.ReplaceAll(b.String(), "##[", `#\u0023[`)
}

// resource is the name of a resource: valid, the same in every run whatever else
// the file has, and nobody else's. Dots become underscores; those are at the
// beginning of labels, as DNS has them, or a fingerprint distinguishes the names.
func resource(n record.Name, suffix string) string {
	name := strings.NewReplacer(".", "_", "*", "wildcard").Replace(string(n))
	regular := n.Plain()
	for label := range strings.SplitSeq(string(n), ".") {
		regular = regular && strings.LastIndexByte(label, '_') <= 0
	}
	if c := name[0]; c >= '0' && c <= '9' || c == '-' {
		name = "n" + name
		regular = false
	}
	if !regular {
		name += "_" + fingerprint(string(n))
	}
	return name + "_" + suffix
}

func fingerprint(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s)))[:8] }
