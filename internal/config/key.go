package config

import (
	"slices"

	"github.com/sescheck/sescheck/internal/config/yamltext"
	"github.com/sescheck/sescheck/internal/record"
)

// Key is one key of a mapping of the file that is read into a T. Reading,
// defaults, comparing, writing, docs/config.md and the JSON Schema range over the
// tables of keys. A function that a key does not need is nil.
type Key[T any] struct {
	row
	read    func(r *reader, p pair, to *T, in setting)
	missing func(r *reader, v value)                          // reports that a mapping lacks the key
	Given   func(*T) bool                                     // whether the file has the key
	Place   func(*T) Place                                    // of a given value
	Take    func(to, from *T)                                 // copies the value
	same    func(have, found *T) bool                         // of two given values; nil: they are the same if written alike
	Term    func(of *T, domain record.Name) (t yamltext.Term) // a given value as it is written

	// regional reports whether records of a given value depend on the region.
	regional func(*Identity) bool
	// shared reports whether a found value can be one of an identity that the file has.
	Shared func(have, found *Identity) bool
}

// setting is where a key is read.
type setting struct {
	domain record.Name // "" in defaults
	of     value       // the mapping with the key
	beside fields      // the keys of the mapping
}

// row is the documentation of a key in docs/config.md and
// docs/sescheck.schema.json.
type row struct {
	name     string
	kind     string // the column "type"
	standard string // the column "default"
	about    string // the last column
	schema   string // the members of its property in the JSON Schema
}

func rowsOf[T any](keys []Key[T]) (rows []row) {
	for _, k := range keys {
		rows = append(rows, k.row)
	}
	return rows
}

// readKeys reads the keys of a mapping in the order of their table.
func readKeys[T any](r *reader, keys []Key[T], to *T, in setting) {
	for _, k := range keys {
		if p, ok := in.beside.get(k.name); ok {
			k.read(r, p, to, in)
		} else if k.missing != nil && in.beside.lacks(k.name) {
			k.missing(r, in.of)
		}
	}
}

// TakeMissing copies the values that to does not have.
func TakeMissing[T any](keys []Key[T], to, from *T) {
	for _, k := range keys {
		if !k.Given(to) {
			k.Take(to, from)
		}
	}
}

// GivenPairs returns the given keys with their values, in the order of the table.
func GivenPairs[T any](keys []Key[T], of *T, domain record.Name) []yamltext.Pair {
	pairs := []yamltext.Pair{}
	for _, k := range keys {
		if k.Given(of) {
			pairs = append(pairs, yamltext.Pair{Key: k.name, Value: k.Term(of, domain)})
		}
	}
	return pairs
}

// AsksForRecords reports whether there is more to an identity than its region.
func (id *Identity) AsksForRecords() bool {
	return slices.ContainsFunc(RecordKeys, func(k Key[Identity]) bool { return k.Given(id) })
}

// Differ reports whether two given values of a key are different.
func (k Key[T]) Differ(have, found *T, domain record.Name) bool {
	if k.same != nil && k.same(have, found) {
		return false
	}
	return k.Term(have, domain).Flow() != k.Term(found, domain).Flow()
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

// Name is the key as the file has it.
func (k Key[T]) Name() string { return k.name }

// With is d with the keys of defaults that it does not have.
func (d Domain) With(defaults Domain) *Domain {
	d.Identities = slices.Clone(d.Identities)
	if len(d.Identities) == 0 {
		d.Identities = defaults.Identities
	}
	for i := range d.Identities {
		if len(defaults.Identities) == 1 {
			TakeMissing(IdentityKeys, &d.Identities[i], &defaults.Identities[0])
		}
	}
	TakeMissing(DomainKeys, &d, &defaults)
	return &d
}
