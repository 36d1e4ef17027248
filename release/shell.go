package main

import (
	"archive/tar"
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// busyboxSums are the sums of the packages that release/busybox downloads.
//
//go:embed busybox.sums
var busyboxSums string

//go:embed packaging/GPL-2
var gpl []byte

// applets are the commands of BusyBox that the scripts of CI systems use.
const applets = "[ ash awk base64 basename cat chmod chown cmp cp cut date df diff dirname du echo env expr false find grep gunzip gzip head hostname id kill ln ls md5sum mkdir " +
	"mktemp mv nproc od pidof printf ps pwd readlink realpath rm rmdir sed seq setsid sh sha256sum sleep sort stat sync tail tar tee test time timeout touch tr true tty uname uniq unzip wc wget which whoami xargs"

// noHUP is nohup, which Debian's BusyBox lacks and Jenkins starts scripts with.
const noHUP = "#!/bin/sh\ntrap '' HUP\nexec \"$@\"\n"

// shells are the files that give an image a shell, from packages in a folder.
func (r *release) shells(dir string) (map[platform][]entry, error) {
	if dir == "" {
		dir = filepath.Join(r.work, "busybox")
		if err := execute(nil, "sh", "release/busybox", dir); err != nil {
			return nil, err
		}
	}
	files := map[platform][]entry{}
	for _, p := range imagePlatforms {
		found, err := filepath.Glob(filepath.Join(dir, "busybox-static_*_"+p.arch+".deb"))
		if err != nil || len(found) != 1 {
			return nil, fmt.Errorf("%s has %d packages of busybox-static for %s, not one", dir, len(found), p.arch)
		}
		content, err := os.ReadFile(found[0])
		if err != nil {
			return nil, err
		}
		if !strings.Contains(busyboxSums, hash(content)+"  ") {
			return nil, fmt.Errorf("%s does not have its sum of release/busybox.sums: docs/release.md says how that is renewed", found[0])
		}
		if files[p], err = shell(found[0]); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// shell takes BusyBox and its licence out of a package.
func shell(path string) ([]entry, error) {
	plain, err := exec.Command("dpkg-deb", "--fsys-tarfile", path).Output()
	if err != nil {
		return nil, fmt.Errorf("dpkg-deb: %w", err)
	}
	held := map[string][]byte{"./bin/busybox": nil, "./usr/share/doc/busybox-static/copyright": nil}
	for tr := tar.NewReader(bytes.NewReader(plain)); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if _, ok := held[h.Name]; ok {
			if held[h.Name], err = io.ReadAll(tr); err != nil {
				return nil, err
			}
		}
	}
	for name, content := range held {
		if len(content) == 0 {
			return nil, fmt.Errorf("%s has no %s", path, name)
		}
	}
	doc := "usr/share/doc/busybox-static/"
	files := []entry{
		{"etc/passwd", 0o644, []byte("root:x:0:0:root:/:/bin/sh\n")}, {"tmp/", 0o1777, nil},
		{doc, 0o755, nil}, {doc + "copyright", 0o644, held["./usr/share/doc/busybox-static/copyright"]}, {doc + "GPL-2", 0o644, gpl},
		{doc + "SOURCE", 0o644, []byte("The source is that of Debian's package busybox, of the version of " + filepath.Base(path) + ".\n")},
		{"bin/", 0o755, nil}, {"bin/busybox", 0o755, held["./bin/busybox"]}, {"bin/nohup", 0o755, []byte(noHUP)},
	}
	for applet := range strings.FieldsSeq(applets) {
		files = append(files, entry{"bin/" + applet, link, []byte("busybox")})
	}
	return files, nil
}
