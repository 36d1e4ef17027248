package config

import (
	"maps"

	"gopkg.in/yaml.v3"

	"github.com/sescheck/sescheck/internal/config/yamltext"
	"github.com/sescheck/sescheck/internal/record"
)

// Nodes take about ten times as much memory as their text. A large file is
// therefore read in pieces of its domains, and the nodes of each piece are freed.
const (
	splitSize = 1 << 20
	pieceSize = 64 << 10
)

// readPieces reads the file piece by piece. It reports false, and leaves
// everything as it was, if the file is not of that shape.
func (r *reader) readPieces(size int) bool {
	p, ok := r.text.Split("domains", size)
	if !ok {
		return false
	}
	before := len(r.file.Domains)
	copies, globs := r.all.copies, r.all.globs
	ignores := len(r.file.Ignores)
	checks := maps.Clone(r.file.Checks)
	if r.inPieces(p) {
		return true
	}
	clear(r.file.Domains[before:])
	r.file.Domains = r.file.Domains[:before]
	r.file.Ignores, r.file.Checks = r.file.Ignores[:ignores], checks
	maps.DeleteFunc(r.seen, func(_ record.Name, at Place) bool { return at.File == r.name })
	r.all.copies, r.all.globs = copies, globs
	*r = *newReader(r.name, r.text.Data, r.all)
	return false
}

func (r *reader) inPieces(p yamltext.Pieces) bool {
	root, ok := p.Root()
	if !ok || root.Kind != yaml.MappingNode {
		return false
	}
	whole := false
	r.top(root, func(domains pair) {
		if v := domains.value; domains.at.Line != p.Key || !v.null() || v.node.Value != "" || v.fixed != nil {
			return
		}
		whole = true
		for i, root := range yamltext.DecodeAhead(p.Entries) {
			if root == nil || root.Kind != yaml.MappingNode {
				whole = false
				return
			}
			next := yamltext.Position{Line: p.End, Column: 1}
			if i+1 < len(p.Entries) {
				next.Line = p.Entries[i+1].Line
			}
			r.domains(value{node: root, next: next})
			p.Entries[i].Text = nil
		}
	})
	return whole
}
