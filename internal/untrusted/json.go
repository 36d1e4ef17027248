package untrusted

import (
	"bytes"
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON returns a writer for what encoding/json writes, which passes it on to w.
// In no string of it is there a `##[`, which GitHub's runner would obey, nor a
// character that a terminal obeys, that turns the text around it about or that
// cannot be seen: JSON has escapes for those too.
func JSON(w io.Writer) io.Writer { return defuser{w} }

type defuser struct{ w io.Writer }

func (d defuser) Write(p []byte) (int, error) {
	safe := bytes.ReplaceAll(p, []byte("##["), []byte(`#\u0023[`))
	for {
		i := bytes.IndexFunc(safe, unprintable)
		if i < 0 {
			break
		}
		if _, err := d.w.Write(safe[:i]); err != nil {
			return 0, err
		}
		r, size := utf8.DecodeRune(safe[i:])
		for _, unit := range utf16.AppendRune(nil, r) {
			if _, err := fmt.Fprintf(d.w, `\u%04x`, unit); err != nil {
				return 0, err
			}
		}
		safe = safe[i+size:]
	}
	if _, err := d.w.Write(safe); err != nil {
		return 0, err
	}
	return len(p), nil
}

// unprintable are the characters of that kind that encoding/json leaves as they
// are.
func unprintable(r rune) bool { return r >= 0x7f && (!unicode.IsPrint(r) || invisible(r)) }
