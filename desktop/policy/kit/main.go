// Command kit writes what the tools of IT read of the desktop's policies: group policy templates in Korean and English, a
// schema of the JSON files and a page. It knows how each of them looks; the keys and their rules are desktop/policy's.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"sendjay/desktop/policy"
)

//go:generate go run . ../../../packaging/policy

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "kit: want the folder to write to")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "kit:", err)
		os.Exit(1)
	}
}

// files returns all that the kit consists of, by path.
func files() (map[string][]byte, error) {
	all, err := described(policy.Keys())
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{"sendjay.schema.json": schema(all), "POLICIES.md": page(all)}
	files["sendjay.admx"], err = definitions(all)
	for _, l := range languages {
		if err == nil {
			files[l.code+"/sendjay.adml"], err = resources(all, l)
		}
	}
	return files, err
}

func write(folder string) error {
	all, err := files()
	if err != nil {
		return err
	}
	for name, raw := range all {
		to := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, raw, 0o644); err != nil {
			return err
		}
	}
	return nil
}
