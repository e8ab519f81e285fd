// Reach lists the functions of the API server that a DaemonSet comes by on its
// way into the cluster: its defaults, its conversion, what is dropped, what is
// checked and what is warned of. It is the left side of validation/upstream.toml.
//
//	reach >facts/functions.tsv      (in the oracle's folder)
//
// It follows names, not types: a function reaches every function of its own
// package or of an imported one that it names, called or not, and every method
// of its own package with a name that it selects. So the list may be too long,
// never too short by a static call between the packages that are followed.
package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
)

var minors = []string{"1.35", "1.36", "1.37"}

const newest = "1.37"

// roots are where the server starts with a DaemonSet.
var roots = map[string][]string{
	"k8s.io/kubernetes/pkg/registry/apps/daemonset": {
		"daemonSetStrategy.PrepareForCreate", "daemonSetStrategy.PrepareForUpdate",
		"daemonSetStrategy.Validate", "daemonSetStrategy.ValidateUpdate",
		"daemonSetStrategy.WarningsOnCreate", "daemonSetStrategy.WarningsOnUpdate",
	},
	"k8s.io/kubernetes/pkg/apis/apps/v1": {
		"SetObjectDefaults_DaemonSet",
		// The declared checks are looked up in a table at run time; old minors have none.
		"Validate_DaemonSet",
		"Convert_v1_DaemonSet_To_apps_DaemonSet", "Convert_apps_DaemonSet_To_v1_DaemonSet",
	},
	"k8s.io/apiserver/pkg/registry/rest": {
		"BeforeCreate", "BeforeUpdate", "FillObjectMetaSystemFields", "WipeObjectMetaSystemFields",
	},
}

// printed are the packages whose functions the ledger is about, by their short names.
var printed = []string{
	"api/node", "api/persistentvolumeclaim", "api/pod",
	"apimachinery/api/validation", "apimachinery/meta/v1/validation", "apimachinery/util/validation",
	"apiserver/registry/rest",
	"apps/v1", "apps/validation",
	"core/helper", "core/pods", "core/v1", "core/validation",
	"registry/apps/daemonset",
}

// followed are the modules that are read, with the prefix that their packages lose.
var followed = []struct{ module, inside, short string }{
	{"k8s.io/kubernetes", "pkg/apis/", ""},
	{"k8s.io/kubernetes", "pkg/api/", "api/"},
	{"k8s.io/kubernetes", "pkg/registry/apps/", "registry/apps/"},
	{"k8s.io/apimachinery", "pkg/apis/", "apimachinery/"},
	{"k8s.io/apimachinery", "pkg/", "apimachinery/"},
	{"k8s.io/apiserver", "pkg/registry/", "apiserver/registry/"},
	{"k8s.io/component-helpers", "", "component-helpers/"},
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "reach:", err)
		os.Exit(1)
	}
}

func run() error {
	found := map[string][]string{}
	for _, minor := range minors {
		names, err := reachable(minor)
		if err != nil {
			return fmt.Errorf("%s: %w", minor, err)
		}
		for _, name := range names {
			found[name] = append(found[name], minor)
		}
	}
	out := bufio.NewWriter(os.Stdout)
	for _, name := range slices.Sorted(maps.Keys(found)) {
		fmt.Fprintf(out, "%s\t%s\n", name, strings.Join(found[name], " "))
	}
	return out.Flush()
}

// A function is one node of the graph: a function, or a variable that holds one.
type function struct{ pkg, name string }

func reachable(minor string) ([]string, error) {
	directories, err := moduleDirectories(minor)
	if err != nil {
		return nil, err
	}
	tree := &sources{directories: directories, packages: map[string]*source{}}
	var pending []function
	for _, pkg := range slices.Sorted(maps.Keys(roots)) {
		for _, name := range roots[pkg] {
			pending = append(pending, function{pkg, name})
		}
	}
	seen := map[function]bool{}
	names := map[string]bool{}
	for len(pending) > 0 {
		next := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		if seen[next] {
			continue
		}
		seen[next] = true
		pkg, err := tree.load(next.pkg)
		if err != nil {
			return nil, err
		}
		one, ok := pkg.declarations[next.name]
		if !ok {
			continue
		}
		if short := shortName(next.pkg); slices.Contains(printed, short) && one.law {
			names[short+"."+next.name+"\t"+one.kind] = true
		}
		reached, err := tree.namesIn(pkg, one)
		if err != nil {
			return nil, err
		}
		pending = append(pending, reached...)
	}
	return slices.Sorted(maps.Keys(names)), nil
}

func moduleDirectories(minor string) (map[string]string, error) {
	arguments := []string{"list", "-m", "-f", "{{.Path}} {{.Dir}}"}
	if minor != newest {
		arguments = append(arguments, "-modfile=go."+minor+".mod")
	}
	known := map[string]string{}
	for _, one := range followed {
		if known[one.module] == "" {
			arguments = append(arguments, one.module)
			known[one.module] = "?"
		}
	}
	out, err := exec.Command("go", arguments...).Output()
	if err != nil {
		return nil, errors.Join(errors.New("go list"), err)
	}
	for line := range strings.Lines(string(out)) {
		module, directory, _ := strings.Cut(strings.TrimSpace(line), " ")
		known[module] = directory
	}
	return known, nil
}

// shortName is what validation/src calls a package, and nothing if it is not followed.
func shortName(pkg string) string {
	for _, one := range followed {
		if rest, ok := strings.CutPrefix(pkg, path.Join(one.module, one.inside)+"/"); ok {
			return one.short + rest
		}
	}
	return ""
}

// namesIn lists what a declaration names of its own package and of imported ones.
func (tree *sources) namesIn(pkg *source, one declaration) ([]function, error) {
	imports, err := tree.importsOf(one.file)
	if err != nil {
		return nil, err
	}
	var reached []function
	var visit func(ast.Node) bool
	visit = func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.SelectorExpr:
			if alias, ok := node.X.(*ast.Ident); ok && alias.Obj == nil && imports[alias.Name] != "" {
				reached = append(reached, function{imports[alias.Name], node.Sel.Name})
				return false
			}
			for _, method := range pkg.methods[node.Sel.Name] {
				reached = append(reached, function{pkg.path, method})
			}
			// The selected name itself is no name of the package.
			ast.Inspect(node.X, visit)
			return false
		case *ast.Ident:
			if pkg.names(one, node) {
				reached = append(reached, function{pkg.path, node.Name})
			}
		}
		return true
	}
	ast.Inspect(one.node, visit)
	return reached, nil
}

// importsOf maps the names under which a file imports the packages that are followed.
func (tree *sources) importsOf(file *ast.File) (map[string]string, error) {
	imports := map[string]string{}
	for _, one := range file.Imports {
		imported := strings.Trim(one.Path.Value, `"`)
		if shortName(imported) == "" {
			continue
		}
		if one.Name != nil {
			imports[one.Name.Name] = imported
			continue
		}
		pkg, err := tree.load(imported)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		imports[cmp.Or(pkg.name, path.Base(imported))] = imported
	}
	return imports, nil
}
