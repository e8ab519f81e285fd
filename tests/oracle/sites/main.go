// Sites reads a coverage profile of the oracle and lists every place in the
// server's code where an error or a warning is made, with whether any case has
// reached it. It is how the case generator knows what it does not reach yet.
//
//	sites PROFILE           the unreached places in functions that were entered
//	sites PROFILE all       every place, with its number of visits
//	sites PROFILE functions the functions with such places that were never entered
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
)

// makers are the functions of the package field that make an error.
var makers = []string{
	"Invalid", "Required", "NotSupported", "Forbidden", "Duplicate", "TooLong", "TooMany", "NotFound",
	"InternalError", "TypeInvalid", "TooLongMaxLength",
}

// A block is a stretch of a file that is executed as a whole.
type block struct {
	from, to position
	visits   int
}

type position struct{ line, column int }

func (p position) before(q position) bool {
	return p.line < q.line || p.line == q.line && p.column < q.column
}

// A site is one place that makes an error.
type site struct {
	file, function, text string
	at                   position
	visits               int
	entered              bool
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: sites PROFILE [all|functions]")
		os.Exit(2)
	}
	wanted := ""
	if len(os.Args) > 2 {
		wanted = os.Args[2]
	}
	if err := run(os.Args[1], wanted); err != nil {
		fmt.Fprintln(os.Stderr, "sites:", err)
		os.Exit(1)
	}
}

func run(profile, wanted string) error {
	blocks, err := readProfile(profile)
	if err != nil {
		return err
	}
	var all []site
	directories := map[string]string{}
	for _, file := range sortedKeys(blocks) {
		found, err := sitesOf(file, blocks[file], directories)
		if err != nil {
			return err
		}
		all = append(all, found...)
	}
	report(all, wanted)
	return nil
}

func sortedKeys(blocks map[string][]block) []string {
	var keys []string
	for key := range blocks {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func report(all []site, wanted string) {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	reached, entered := 0, 0
	unentered := map[string]int{}
	for _, s := range all {
		name := path.Base(path.Dir(s.file)) + "." + s.function
		if !s.entered {
			unentered[name]++
			continue
		}
		entered++
		if s.visits > 0 {
			reached++
		}
		if wanted == "all" || wanted == "" && s.visits == 0 {
			fmt.Fprintf(out, "%s\t%s:%d\t%d\t%s\n", name, path.Base(s.file), s.at.line, s.visits, s.text)
		}
	}
	if wanted == "functions" {
		for _, name := range sorted(unentered) {
			fmt.Fprintf(out, "%s\t%d\n", name, unentered[name])
		}
	}
	fmt.Fprintf(os.Stderr, "%d of %d sites reached in functions that were entered; %d functions with sites never entered\n",
		reached, entered, len(unentered))
}

func sorted(names map[string]int) []string {
	var keys []string
	for key := range names {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func readProfile(name string) (map[string][]block, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	blocks := map[string][]block{}
	for line := range strings.Lines(string(text)) {
		file, rest, found := strings.Cut(strings.TrimSpace(line), ".go:")
		if !found {
			continue
		}
		var b block
		var statements int
		_, err := fmt.Sscanf(rest, "%d.%d,%d.%d %d %d",
			&b.from.line, &b.from.column, &b.to.line, &b.to.column, &statements, &b.visits)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", line, err)
		}
		blocks[file+".go"] = append(blocks[file+".go"], b)
	}
	return blocks, nil
}

// sitesOf finds the places in one file of the module cache.
func sitesOf(file string, blocks []block, directories map[string]string) ([]site, error) {
	pkg := path.Dir(file)
	if _, known := directories[pkg]; !known {
		out, err := exec.Command("go", "list", "-f", "{{.Dir}}", pkg).Output()
		if err != nil {
			return nil, fmt.Errorf("go list %s: %w", pkg, err)
		}
		directories[pkg] = strings.TrimSpace(string(out))
	}
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, path.Join(directories[pkg], path.Base(file)), nil, 0)
	if err != nil {
		return nil, err
	}
	var found []site
	for _, declaration := range parsed.Decls {
		function, ok := declaration.(*ast.FuncDecl)
		if !ok || function.Body == nil {
			continue
		}
		from, to := place(set, function.Body.Pos()), place(set, function.Body.End())
		entered := slices.ContainsFunc(blocks, func(b block) bool {
			return b.visits > 0 && !b.from.before(from) && b.from.before(to)
		})
		ast.Inspect(function.Body, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok || !makesProblem(call) {
				return true
			}
			at := place(set, call.Pos())
			found = append(found, site{
				file: file, function: function.Name.Name, text: print(set, call), at: at,
				visits: visits(blocks, at), entered: entered,
			})
			return true
		})
	}
	return found, nil
}

func place(set *token.FileSet, pos token.Pos) position {
	p := set.Position(pos)
	return position{p.Line, p.Column}
}

// makesProblem tells whether a call makes a field error, or adds to a list of
// warnings or of messages.
func makesProblem(call *ast.CallExpr) bool {
	switch called := call.Fun.(type) {
	case *ast.SelectorExpr:
		owner, ok := called.X.(*ast.Ident)
		return ok && owner.Name == "field" && slices.Contains(makers, called.Sel.Name)
	case *ast.Ident:
		if called.Name != "append" || len(call.Args) < 2 {
			return false
		}
		list, ok := call.Args[0].(*ast.Ident)
		return ok && (list.Name == "warnings" || list.Name == "errs" || list.Name == "msgs")
	}
	return false
}

// visits are those of the smallest block around the place.
func visits(blocks []block, at position) int {
	best := block{visits: -1}
	for _, b := range blocks {
		inside := !at.before(b.from) && at.before(b.to)
		if inside && (best.visits < 0 || best.from.before(b.from)) {
			best = b
		}
	}
	return best.visits
}

func print(set *token.FileSet, node ast.Node) string {
	var out bytes.Buffer
	if err := printer.Fprint(&out, set, node); err != nil {
		return strconv.Quote(err.Error())
	}
	return strings.Join(strings.Fields(out.String()), " ")
}
