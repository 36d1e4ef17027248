package config

import (
	"slices"

	"github.com/sescheck/sescheck/internal/config/yamltext"
	"github.com/sescheck/sescheck/internal/record"
)

// key is one key of a mapping of the file that is read into a T. Reading,
// defaults, comparing, writing, docs/config.md and the JSON Schema range over the
// tables of keys. A function that a key does not need is nil.
type key[T any] struct {
	row
	read    func(r *reader, p pair, to *T, in setting)
	missing func(r *reader, v value)                          // reports that a mapping lacks the key
	given   func(*T) bool                                     // whether the file has the key
	place   func(*T) Place                                    // of a given value
	take    func(to, from *T)                                 // copies the value
	same    func(have, found *T) bool                         // of two given values; nil: they are the same if written alike
	term    func(of *T, domain record.Name) (t yamltext.Term) // a given value as it is written

	// regional reports whether records of a given value depend on the region.
	regional func(*Identity) bool
	// shared reports whether a found value can be one of an identity that the file has.
	shared func(have, found *Identity) bool
}

// setting is where a key is read.
type setting struct {
	domain record.Name // "" in defaults
	of     value       // the mapping with the key
	beside fields      // the keys of the mapping
}

// row is what docs/config.md and docs/sescheck.schema.json say of a key.
type row struct {
	name     string
	kind     string // the column "type"
	standard string // the column "default"
	about    string // the last column
	schema   string // the members of its property in the JSON Schema
}

func rowsOf[T any](keys []key[T]) (rows []row) {
	for _, k := range keys {
		rows = append(rows, k.row)
	}
	return rows
}

// readKeys reads the keys of a mapping in the order of their table.
func readKeys[T any](r *reader, keys []key[T], to *T, in setting) {
	for _, k := range keys {
		if p, ok := in.beside.get(k.name); ok {
			k.read(r, p, to, in)
		} else if k.missing != nil && in.beside.lacks(k.name) {
			k.missing(r, in.of)
		}
	}
}

// takeMissing copies the values that to does not have.
func takeMissing[T any](keys []key[T], to, from *T) {
	for _, k := range keys {
		if !k.given(to) {
			k.take(to, from)
		}
	}
}

// givenPairs returns the given keys with their values, in the order of the table.
func givenPairs[T any](keys []key[T], of *T, domain record.Name) []yamltext.Pair {
	pairs := []yamltext.Pair{}
	for _, k := range keys {
		if k.given(of) {
			pairs = append(pairs, yamltext.Pair{Key: k.name, Value: k.term(of, domain)})
		}
	}
	return pairs
}

// AsksForRecords reports whether there is more to an identity than its region.
func (id *Identity) AsksForRecords() bool {
	return slices.ContainsFunc(recordKeys, func(k key[Identity]) bool { return k.given(id) })
}

// differ reports whether two given values of a key are different.
func (k key[T]) differ(have, found *T, domain record.Name) bool {
	if k.same != nil && k.same(have, found) {
		return false
	}
	return k.term(have, domain).Flow() != k.term(found, domain).Flow()
}

// property is a property of the JSON Schema: its type, its description, and its
// examples as JSON.
func property(members, description, examples string) string {
	return members + ",\n" + `"description": "` + description + "\",\n" + `"examples": ` + examples
}

// allOf is the type that a definition of the JSON Schema has.
func allOf(definition string) string {
	return "\"allOf\": [\n  {\n    " + ref(definition) + "\n  }\n]"
}

// ref is a definition of the JSON Schema with its description and examples.
func ref(definition string) string { return `"$ref": "#/definitions/` + definition + `"` }
