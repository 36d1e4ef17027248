package source

import (
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// This file finds resources in the `.tf` files next to a plan: the line of a
// resource's block, and the literal text of templates, which plans leave out.

// Bounds on reading `.tf` files.
const (
	maxTFFile  = 4 << 20
	maxTFFiles = 2000
	maxFolders = 5000 // that are looked through for the root module
)

// tfFiles are the `.tf` files of a plan's modules, read as they are needed.
type tfFiles struct {
	root    string // the folder of the root module; "" where it is not here
	config  *tfModule
	folders map[string]map[string]tfBlockAt // blocks by "resource TYPE NAME", "module NAME" and "locals NAME"
	read    int
}

// newTFFiles finds the root module: in the plan's folder, or in the only folder
// below it that has all of its blocks.
func newTFFiles(plan string, config *tfModule) *tfFiles {
	f := &tfFiles{config: config, folders: map[string]map[string]tfBlockAt{}}
	dir := filepath.Dir(plan)
	if f.isRoot(dir) {
		f.root = dir
		return f
	}
	if !filepath.IsLocal(dir) { // outside this checkout
		return f
	}
	files, err := untrusted.Files(dir, func(name string, isFolder bool) bool {
		base := filepath.Base(name)
		if isFolder {
			return !strings.HasPrefix(base, ".") && base != "node_modules"
		}
		return strings.HasSuffix(base, ".tf")
	})
	if err != nil {
		return f
	}
	var found []string
	for _, file := range files {
		at := filepath.Dir(file)
		if slices.Contains(found, at) || len(f.folders) > maxFolders {
			continue
		}
		if _, seen := f.folders[at]; !seen && f.isRoot(at) {
			found = append(found, at)
		}
	}
	if len(found) == 1 {
		f.root = found[0]
	}
	return f
}

// isRoot reports whether a folder has the blocks of the root module.
func (f *tfFiles) isRoot(dir string) bool {
	blocks := f.blocks(dir)
	n := 0
	for _, r := range f.config.Resources {
		if r.Mode == "managed" {
			if n++; blocks["resource "+r.Type+" "+r.Name].line == 0 {
				return false
			}
		}
	}
	for name := range f.config.Calls {
		if n++; blocks["module "+name].line == 0 {
			return false
		}
	}
	return n > 0
}

// folder is where a module is; "" where it is not among the files. The calls that
// lead there are all in the repository.
func (f *tfFiles) folder(calls []string) string {
	dir, m := f.root, f.config
	for _, name := range calls {
		c := m.Calls[name]
		if dir == "" || c == nil || !strings.HasPrefix(c.Source, "./") && !strings.HasPrefix(c.Source, "../") {
			return ""
		}
		local := filepath.IsLocal(dir)
		dir, m = filepath.Join(dir, filepath.FromSlash(c.Source)), &c.Module
		if local && !filepath.IsLocal(dir) { // it leads out of the working directory
			return ""
		}
	}
	return dir
}

// find is where the block of a resource is, or of the innermost module call around
// it that is here.
func (f *tfFiles) find(calls []string, typ, name string) Place {
	if dir := f.folder(calls); dir != "" {
		if b := f.blocks(dir)["resource "+typ+" "+name]; b.line > 0 {
			return Place{File: b.file, Line: b.line, End: b.end}
		}
	}
	for n := len(calls); n > 0; n-- {
		if dir := f.folder(calls[:n-1]); dir != "" {
			if b := f.blocks(dir)["module "+calls[n-1]]; b.line > 0 {
				return Place{File: b.file, Line: b.line, End: b.end}
			}
		}
	}
	return Place{}
}

// attribute is the text of an attribute of a block, as it is written.
func (f *tfFiles) attribute(calls []string, block, name string) string {
	if dir := f.folder(calls); dir != "" {
		return f.blocks(dir)[block].attributes[name]
	}
	return ""
}

// blocks are the blocks of a folder.
func (f *tfFiles) blocks(dir string) map[string]tfBlockAt {
	if all, ok := f.folders[dir]; ok {
		return all
	}
	all := map[string]tfBlockAt{}
	f.folders[dir] = all
	files, err := untrusted.Files(dir, func(name string, isFolder bool) bool {
		return !isFolder && strings.HasSuffix(name, ".tf")
	})
	if err != nil {
		return all
	}
	for _, path := range files {
		if f.read++; f.read > maxTFFiles {
			return all
		}
		text, err := untrusted.Read(path, maxTFFile)
		if err != nil {
			continue
		}
		s := &tfScanner{text: string(text), line: 1}
		for _, b := range s.blocks() {
			b.file = path
			if key := strings.Join(b.words, " "); key == "locals" && all[key].line > 0 {
				maps.Copy(all[key].attributes, b.attributes)
			} else if all[key].line == 0 {
				all[key] = b
			}
		}
	}
	return all
}

// tfBlockAt is a block of a `.tf` file and where it is.
type tfBlockAt struct {
	words      []string // such as resource, aws_route53_record, mx
	file       string
	line, end  int
	attributes map[string]string // as they are written
}

// tfScanner reads blocks out of a text in HCL, and no more of it than that takes.
type tfScanner struct {
	text string
	pos  int
	line int
}

// blocks are the blocks of the text, up to the first text that is no HCL.
func (s *tfScanner) blocks() (all []tfBlockAt) {
	for {
		s.space(true)
		b := tfBlockAt{line: s.line, attributes: map[string]string{}}
		for s.pos < len(s.text) && s.text[s.pos] != '{' {
			w := s.word()
			if w == "" {
				return all
			}
			b.words = append(b.words, w)
			s.space(true)
		}
		if s.pos >= len(s.text) || len(b.words) == 0 {
			return all
		}
		s.pos++
		s.body(&b)
		b.end = s.line
		all = append(all, b)
	}
}

// body reads the attributes of a block, to its end.
func (s *tfScanner) body(b *tfBlockAt) {
	for {
		s.space(true)
		if s.pos >= len(s.text) || s.text[s.pos] == '}' {
			s.pos++
			return
		}
		name := s.word()
		s.space(false)
		switch {
		case name == "" || s.pos >= len(s.text):
			s.pos = len(s.text)
			return
		case s.text[s.pos] == '=':
			s.pos++
			from := s.pos
			s.value()
			b.attributes[name] = strings.TrimSpace(s.text[from:min(s.pos, len(s.text))])
		default: // a block in the block
			for s.pos < len(s.text) && s.text[s.pos] != '{' && s.text[s.pos] != '\n' {
				if s.word() == "" {
					s.pos = len(s.text)
				}
				s.space(false)
			}
			if s.pos < len(s.text) && s.text[s.pos] == '{' {
				s.nested()
			}
		}
	}
}

// word reads an identifier or a string.
func (s *tfScanner) word() string {
	if s.pos < len(s.text) && s.text[s.pos] == '"' {
		from := s.pos + 1
		s.quoted()
		return strings.TrimSuffix(s.text[from:min(s.pos, len(s.text))], `"`)
	}
	from := s.pos
	for s.pos < len(s.text) {
		c := s.text[s.pos]
		if c != '_' && c != '-' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') && c < 0x80 {
			break
		}
		s.pos++
	}
	return s.text[from:s.pos]
}

// space skips space and comments, and perhaps line ends.
func (s *tfScanner) space(lines bool) {
	for s.pos < len(s.text) {
		rest := s.text[s.pos:]
		switch {
		case rest[0] == '\n' && !lines:
			return
		case rest[0] == '\n':
			s.line++
			s.pos++
		case rest[0] == ' ', rest[0] == '\t', rest[0] == '\r', rest[0] == ',' && lines, strings.HasPrefix(rest, "\ufeff"):
			s.pos++
			if rest[0] == 0xef {
				s.pos += 2
			}
		case rest[0] == '#', strings.HasPrefix(rest, "//"):
			s.comment()
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest, "*/")
			if end < 0 {
				end = len(rest) - 2
			}
			s.line += strings.Count(rest[:end+2], "\n")
			s.pos += end + 2
		default:
			return
		}
	}
}

// comment skips to the end of the line.
func (s *tfScanner) comment() {
	for s.pos < len(s.text) && s.text[s.pos] != '\n' {
		s.pos++
	}
}

// value skips an expression, to the end of its line or block.
func (s *tfScanner) value() {
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; {
		case c == '\n', c == '}':
			return
		case c == '#', strings.HasPrefix(s.text[s.pos:], "//"):
			return
		default:
			s.piece()
		}
	}
}

// piece skips a character, or a unit: a string, brackets with their content, a
// comment, a heredoc.
func (s *tfScanner) piece() {
	rest := s.text[s.pos:]
	switch {
	case rest[0] == '"':
		s.quoted()
	case rest[0] == '(', rest[0] == '[', rest[0] == '{':
		s.nested()
	case rest[0] == '#', strings.HasPrefix(rest, "//"):
		s.comment()
	case strings.HasPrefix(rest, "/*"):
		s.space(false)
	case strings.HasPrefix(rest, "<<"):
		s.heredoc()
	default:
		if rest[0] == '\n' {
			s.line++
		}
		s.pos++
	}
}

// nested skips brackets and their content.
func (s *tfScanner) nested() {
	depth := 0
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case '(', '[', '{':
			depth++
			s.pos++
		case ')', ']', '}':
			s.pos++
			if depth--; depth == 0 {
				return
			}
		default:
			s.piece()
		}
	}
}

// quoted skips a string, with the templates in it.
func (s *tfScanner) quoted() {
	s.pos++
	for s.pos < len(s.text) {
		rest := s.text[s.pos:]
		switch {
		case rest[0] == '\\':
			s.pos += 2
		case strings.HasPrefix(rest, "$${"), strings.HasPrefix(rest, "%%{"):
			s.pos += 3
		case strings.HasPrefix(rest, "${"), strings.HasPrefix(rest, "%{"):
			s.pos++
			s.nested()
		case rest[0] == '"':
			s.pos++
			return
		case rest[0] == '\n': // strings do not go on in the next line
			return
		default:
			s.pos++
		}
	}
}

// heredoc skips a text that goes on to a line with the word of its beginning.
func (s *tfScanner) heredoc() {
	s.pos += 2
	if s.pos < len(s.text) && s.text[s.pos] == '-' {
		s.pos++
	}
	word := s.word()
	s.comment()
	for s.pos < len(s.text) && word != "" {
		s.pos++
		s.line++
		from := s.pos
		s.comment()
		if strings.TrimSpace(s.text[from:s.pos]) == word {
			return
		}
	}
}

// references are the traversals in an expression, such as
// aws_sesv2_email_identity.this.arn.
func references(text string) (all []string) {
	isWord := func(c byte) bool {
		return c == '_' || c == '-' || c == '.' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
	}
	inText := 0
	for i := 0; i < len(text) && len(all) < 100; i++ {
		switch {
		case inText > 0 && strings.HasPrefix(text[i:], "${"):
			inText = -inText
		case text[i] == '"' && inText == 0:
			inText = 1
		case text[i] == '"' && inText > 0:
			inText = 0
		case text[i] == '}' && inText < 0:
			inText = -inText
		case inText <= 0 && isWord(text[i]) && text[i] != '.' && text[i] != '-':
			from := i
			for i < len(text) && (isWord(text[i]) || text[i] == '[') {
				if text[i] == '[' {
					end := strings.IndexByte(text[i:], ']')
					if end < 0 {
						break
					}
					i += end
				}
				i++
			}
			if word := strings.Trim(text[from:min(i, len(text))], ".-"); strings.Contains(word, ".") {
				all = append(all, word)
			}
			i--
		}
	}
	return all
}

// patterns are the known parts of the name and the data of a record with unknown
// values: the literal text of its templates.
func (f *tfFiles) patterns(p *tfPlan, r *tfChange) (name Pattern, values []Pattern) {
	calls := bareModule(r.Module)
	block := "resource " + r.Type + " " + r.Name
	e := &tfEvaluation{files: f, plan: p, calls: calls, index: tfText(r.Index)}
	for _, attribute := range []string{"name", "subdomain", "domain"} {
		if text := f.attribute(calls, block, attribute); text != "" && name == nil {
			name = e.pattern(text, 0)
		}
	}
	for _, attribute := range []string{"records", "content", "value", "values", "rrdatas", "target", "answers", "record"} {
		text := f.attribute(calls, block, attribute)
		if text == "" || values != nil {
			continue
		}
		for _, item := range listItems(text) {
			values = append(values, e.pattern(item, 0))
		}
	}
	return name, values
}

// listItems are the items of a list expression; any other expression is one item.
func listItems(text string) (items []string) {
	if !strings.HasPrefix(text, "[") || !strings.HasSuffix(text, "]") {
		return []string{text}
	}
	s := &tfScanner{text: text[1 : len(text)-1], line: 1}
	from := 0
	for s.pos < len(s.text) {
		if s.text[s.pos] == ',' {
			items, from = append(items, s.text[from:s.pos]), s.pos+1
			s.pos++
			continue
		}
		s.piece()
	}
	items = append(items, s.text[from:])
	return slices.DeleteFunc(items, func(i string) bool { return strings.TrimSpace(i) == "" })
}

// tfEvaluation finds the text of expressions in a module, as far as it is known.
type tfEvaluation struct {
	files *tfFiles
	plan  *tfPlan
	calls []string
	index string // of the resource
}

// maxEvaluation bounds the depth of values that refer to values.
const maxEvaluation = 16

// pattern is the known part of an expression.
func (e *tfEvaluation) pattern(text string, depth int) (all Pattern) {
	text = strings.TrimSpace(text)
	if !isQuoted(text) {
		return e.value(text, depth)
	}
	text = text[1 : len(text)-1]
	literal := strings.Builder{}
	flush := func() {
		if literal.Len() > 0 {
			all = append(all, Part{Text: literal.String()})
			literal.Reset()
		}
	}
	for i := 0; i < len(text); {
		switch {
		case strings.HasPrefix(text[i:], "$${"), strings.HasPrefix(text[i:], "%%{"):
			literal.WriteString(text[i+1 : i+3])
			i += 3
		case strings.HasPrefix(text[i:], "${"):
			s := &tfScanner{text: text[i+1:], line: 1}
			s.nested()
			flush()
			all = append(all, e.value(text[i+2:max(i+s.pos, i+2)], depth)...)
			i += 1 + s.pos
		case text[i] == '\\' && i+1 < len(text):
			literal.WriteByte(unescaped(text[i+1]))
			i += 2
		default:
			literal.WriteByte(text[i])
			i++
		}
	}
	flush()
	return merged(all)
}

// unescaped is the character that an escaped one means.
func unescaped(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 'r':
		return '\r'
	}
	return c
}

// merged joins adjacent known parts.
func merged(all Pattern) (p Pattern) {
	for _, part := range all {
		if n := len(p); n > 0 && part.Unknown == "" && p[n-1].Unknown == "" {
			p[n-1].Text += part.Text
			continue
		}
		p = append(p, part)
	}
	return p
}

// value is the known part of a traversal: of a variable, a local value, the key
// of an instance, or an attribute of a resource in the plan.
func (e *tfEvaluation) value(text string, depth int) Pattern {
	text = strings.TrimSpace(text)
	unknown := Pattern{{Unknown: text}}
	words := strings.Split(text, ".")
	if depth > maxEvaluation || len(words) < 2 {
		return unknown
	}
	switch words[0] {
	case "each":
		if words[1] == "key" && e.index != "" {
			return Pattern{{Text: e.index}}
		}
	case "count":
		if _, err := strconv.Atoi(e.index); err == nil {
			return Pattern{{Text: e.index}}
		}
	case "local":
		if written := e.files.attribute(e.calls, "locals", words[1]); written != "" && len(words) == 2 {
			return e.pattern(written, depth+1)
		}
	case "var":
		return e.variable(words, unknown, depth)
	default:
		if s := e.known(text); s != "" {
			return Pattern{{Text: s}}
		}
	}
	return unknown
}

// variable is the known part of a variable: of the module's argument.
func (e *tfEvaluation) variable(words []string, unknown Pattern, depth int) Pattern {
	if len(words) != 2 {
		return unknown
	}
	if len(e.calls) == 0 {
		if s := e.plan.variable(words[1]); s != "" {
			return Pattern{{Text: s}}
		}
		return unknown
	}
	above, call := e.calls[:len(e.calls)-1], e.calls[len(e.calls)-1]
	if m := e.plan.module(above); m != nil && m.Calls[call] != nil {
		if s := tfText(m.Calls[call].Expressions[words[1]].Constant); s != "" {
			return Pattern{{Text: s}}
		}
	}
	if written := e.files.attribute(above, "module "+call, words[1]); written != "" {
		outer := &tfEvaluation{files: e.files, plan: e.plan, calls: above}
		return outer.pattern(written, depth+1)
	}
	return unknown
}

// known is an attribute of an identity or a zone that the plan shows.
func (e *tfEvaluation) known(text string) string {
	i := strings.LastIndexByte(text, '.')
	f := &tfFollow{p: e.plan}
	f.resource(e.calls, text[:i])
	all := f.instances(f.from[0])
	if len(all) != 1 {
		return ""
	}
	a := all[0].after
	switch text[i+1:] {
	case "email_identity":
		return tfText(a.EmailIdentity)
	case "domain":
		return tfText(a.Domain)
	case "mail_from_domain":
		return tfText(a.MailFrom)
	case "name":
		return strings.TrimSuffix(tfZoneName(all[0].typ, a), ".")
	}
	return ""
}
