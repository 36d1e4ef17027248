package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// repository is the source of the site.
const repository = "https://github.com/sescheck/sescheck/"

// resolveLinks lets the links of a document lead to the pages of the site and to
// GitHub. The error names each link that leads nowhere.
func (l *library) resolveLinks(d *document) error {
	var wrong []error
	_ = ast.Walk(d.body, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		var to *[]byte
		resolve := l.link
		switch n := n.(type) {
		case *ast.Link:
			to = &n.Destination
		case *ast.Image:
			to, resolve = &n.Destination, l.picture
		default:
			return ast.WalkContinue, nil
		}
		resolved, err := resolve(d, string(*to))
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: the link %s: %w", d.path, *to, err))
		}
		if link, ok := n.(*ast.Link); ok {
			l.nameLink(d, link)
		}
		*to = []byte(resolved)
		return ast.WalkContinue, nil
	})
	return errors.Join(wrong...)
}

// nameLink gives a link the name of its page where its words are the name of the file,
// such as config.md.
func (l *library) nameLink(d *document, link *ast.Link) {
	to, _, _ := strings.Cut(string(link.Destination), "#")
	page := l.documents[path.Join(path.Dir(d.path), to)]
	words, ok := link.FirstChild().(*ast.Text)
	if ok && page != nil && string(words.Value(d.source)) == path.Base(to) {
		link.RemoveChildren(link)
		link.AppendChild(link, verbatim(page.Label))
	}
}

// link is where a link of a document leads on the site.
func (l *library) link(d *document, to string) (string, error) {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() {
		return to, err
	}
	name, err := l.file(d, u)
	if err != nil {
		return "", err
	}
	page, isPage := l.documents[name]
	if err := l.findAnchor(name, u.Fragment); err != nil {
		return "", err
	}
	switch {
	case u.Path == "":
		return to, nil
	case isPage:
		u.Path = relative(d, page.out)
		return u.String(), nil
	}
	info, err := fs.Stat(l.repo, name)
	if err != nil {
		return "", err
	}
	kind := "blob/"
	if info.IsDir() {
		kind = "tree/"
	}
	u.Path = name
	return repository + kind + l.ref + "/" + u.String(), nil
}

// file is the name in the repository to which a relative link leads.
func (l *library) file(d *document, u *url.URL) (string, error) {
	if u.Host != "" || u.RawQuery != "" || strings.HasPrefix(u.Path, "/") {
		return "", errors.New("it is neither the address of a page nor the relative path of a file")
	}
	if u.Path == "" {
		return d.path, nil
	}
	name := path.Join(path.Dir(d.path), u.Path)
	if !fs.ValidPath(name) {
		return "", errors.New("it leads out of the repository")
	}
	if _, err := fs.Stat(l.repo, name); err != nil {
		return "", fmt.Errorf("there is no file %s", name)
	}
	return name, nil
}

// findAnchor fails unless a file has a heading with the id.
func (l *library) findAnchor(name, id string) error {
	if id == "" {
		return nil
	}
	d := l.documents[name]
	if d == nil && path.Ext(name) == ".md" {
		source, err := fs.ReadFile(l.repo, name)
		if err != nil {
			return err
		}
		d = parse(name, source)
		d.identify()
	}
	if d == nil || !d.ids[id] {
		return fmt.Errorf("%s has no heading #%s", name, id)
	}
	return nil
}

// picture is where a picture of a document is on the site, to which it is copied.
func (l *library) picture(d *document, to string) (string, error) {
	u, err := url.Parse(to)
	if err != nil {
		return "", err
	}
	if u.IsAbs() {
		return "", errors.New("a picture must be a file of this repository")
	}
	name, err := l.file(d, u)
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(name, "docs/") {
		return "", errors.New("a picture must be below docs/")
	}
	l.pictures[name] = true
	return relative(d, name), nil
}

// relative is the path from a page to another file of the site.
func relative(d *document, to string) string {
	rel, err := filepath.Rel(path.Dir(d.out), to)
	if err != nil {
		panic(err) // both are relative
	}
	return filepath.ToSlash(rel)
}
