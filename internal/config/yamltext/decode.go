package yamltext

import (
	"bytes"
	"errors"

	"gopkg.in/yaml.v3"
)

// MaxValues is how many values a text can have that is read at once.
const MaxValues = 3_000_000

var errPanic = errors.New("yaml: this cannot be read as YAML")

// Decode keeps a panic of the YAML package, which is not maintained any
// more, from ending the program.
func Decode(d *yaml.Decoder, into *yaml.Node) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanic
		}
	}()
	err = d.Decode(into)
	if err == nil && len(into.Content) == 0 {
		err = errPanic
	}
	return err
}

// Bounded reports whether the nodes of data fit into memory: each of them needs
// one of these at least.
func Bounded(data []byte) bool {
	if len(data) < MaxValues {
		return true
	}
	n := 0
	for _, mark := range []string{",", ":", "[", "{", "\n", "- ", "-\t", "? ", "?\t"} {
		n += bytes.Count(data, []byte(mark))
	}
	return n < MaxValues
}
