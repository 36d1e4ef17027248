package account

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/source"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Load reads files, and the JSON files in and below folders.
func Load(ctx context.Context, paths ...string) (*Account, error) {
	acc := &Account{}
	for _, p := range paths {
		files, err := jsonFiles(p)
		if err != nil {
			return nil, fmt.Errorf("--ses %s: %w", untrusted.Quote(p), err)
		}
		for _, f := range files {
			if err := acc.load(ctx, f); err != nil {
				return nil, err
			}
		}
	}
	return acc.loaded()
}

// loaded ends the loading. If nothing could be used, the error is all that was skipped.
func (acc *Account) loaded() (*Account, error) {
	if acc.useless() {
		return nil, acc.skippedError()
	}
	acc.noteGaps()
	return acc, nil
}

// useless reports whether nothing could be read. A plan may well have no identity
// that exists.
func (acc *Account) useless() bool {
	return acc.Empty() && acc.plans == 0 && len(acc.Skipped) > 0 && len(acc.Addresses)+len(acc.Customers) == 0
}

// skippedError returns everything that was skipped as an error.
func (acc *Account) skippedError() error {
	var all []error
	for _, s := range acc.Skipped {
		all = append(all, fmt.Errorf("--ses: %s", s))
	}
	return errors.Join(all...)
}

// Text is a file that is not on disk.
type Text struct{ Name, Text string }

// LoadTexts reads texts as Load reads files.
func LoadTexts(ctx context.Context, texts []Text) (*Account, error) {
	acc := &Account{}
	for _, t := range texts {
		if err := acc.readText(ctx, t); err != nil {
			return nil, err
		}
	}
	return acc.loaded()
}

func (acc *Account) readText(ctx context.Context, t Text) error {
	if source.Sniff(t.Name, t.Text) != source.SomeChanges {
		return acc.Read(strings.NewReader(t.Text), FromPath(t.Name))
	}
	var zones source.Zones
	if err := zones.AddText(ctx, t.Name, t.Text); err != nil {
		return err
	}
	acc.existing(t.Name, &zones)
	return nil
}

// NotePages notes lists with missing pages.
func (acc *Account) NotePages() {
	whole := func(region string) bool {
		return slices.ContainsFunc(acc.Lists, func(l List) bool { return l.Whole && l.Region == region })
	}
	var noted []string
	for _, l := range acc.Lists {
		if l.Whole || slices.Contains(noted, l.Region) || whole(l.Region) {
			continue
		}
		noted = append(noted, l.Region)
		acc.skip(l.Source.String(), "the list of identities has more pages (NextToken): add them, or let the CLI fetch all of them")
	}
}

// noteGaps notes lists with missing pages, and answers that name no domain.
func (acc *Account) noteGaps() {
	acc.NotePages()
	for _, id := range acc.Identities {
		if id.Name == "" {
			acc.skip(id.Source.String(), "it does not say which domain it is about; name the file after the domain, as in eu-west-1/example.com.json, or add EmailIdentity")
		}
	}
}

// jsonFiles returns the files to read at a path.
func jsonFiles(p string) ([]string, error) {
	folder, err := untrusted.IsFolder(p)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("there is no such file; name a file with the output of `aws sesv2 get-email-identity`, for example")
	case err != nil || !folder:
		return []string{p}, err
	}
	files, err := untrusted.Files(p, func(name string, isFolder bool) bool {
		ext := strings.ToLower(path.Ext(name))
		return isFolder && !strings.HasPrefix(path.Base(name), ".") || !isFolder && (ext == ".json" || ext == ".jsonl" || ext == ".ndjson")
	})
	if err == nil && len(files) == 0 {
		err = errors.New("there is no JSON file in it; write the output of `aws sesv2 get-email-identity` to files such as eu-west-1/example.com.json")
	}
	return files, err
}

func (acc *Account) load(ctx context.Context, file string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if source.SniffFile(file) == source.SomeChanges {
		return acc.ReadTerraform(ctx, file)
	}
	f, err := untrusted.Open(file)
	if err != nil {
		return fmt.Errorf("--ses %s: %w", untrusted.Quote(file), err)
	}
	defer f.Close()
	return acc.Read(f, FromPath(file))
}
