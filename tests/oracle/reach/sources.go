package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"strings"
)

// A source is a package as it is written.
type source struct {
	path, name   string
	declarations map[string]declaration
	// methods are the declarations with a receiver, by the name after the dot.
	methods map[string][]string
}

// A declaration is a function, or another name of a package: a variable, a constant or a type.
type declaration struct {
	file *ast.File
	node ast.Node
	kind string
	// law is false for what a generator copied from the types, like conversions.
	law bool
}

// isLaw tells which files and generated functions say what a manifest may be, and what it then is.
func isLaw(file, name string) bool {
	return !strings.HasPrefix(file, "zz_generated.") ||
		strings.HasPrefix(file, "zz_generated.validations") ||
		name == "SetObjectDefaults_DaemonSet"
}

type sources struct {
	directories map[string]string
	packages    map[string]*source
}

func (tree *sources) load(pkg string) (*source, error) {
	if known := tree.packages[pkg]; known != nil {
		return known, nil
	}
	directory := ""
	for module, root := range tree.directories {
		if rest, ok := strings.CutPrefix(pkg, module+"/"); ok {
			directory = path.Join(root, rest)
		}
	}
	entries, err := os.ReadDir(directory)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", pkg, err)
	}
	read := &source{path: pkg, declarations: map[string]declaration{}, methods: map[string][]string{}}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path.Join(directory, entry.Name()), nil, 0)
		if err != nil {
			return nil, err
		}
		read.name = file.Name.Name
		read.add(file, entry.Name())
	}
	tree.packages[pkg] = read
	return read, nil
}

func (s *source) add(file *ast.File, from string) {
	keep := func(name, kind string, node ast.Node) {
		s.declarations[name] = declaration{file: file, node: node, kind: kind, law: isLaw(from, name)}
	}
	for _, one := range file.Decls {
		switch one := one.(type) {
		case *ast.FuncDecl:
			name := one.Name.Name
			if name == "init" {
				continue
			}
			if one.Recv != nil {
				name = receiver(one.Recv.List[0].Type) + "." + name
				s.methods[one.Name.Name] = append(s.methods[one.Name.Name], name)
			}
			keep(name, "function", one)
		case *ast.GenDecl:
			for _, spec := range one.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					keep(spec.Name.Name, "type", spec.Type)
				case *ast.ValueSpec:
					for index, name := range spec.Names {
						if index < len(spec.Values) {
							keep(name.Name, kindOf(one.Tok, spec.Values[index]), spec.Values[index])
						}
					}
				}
			}
		}
	}
}

// kindOf tells a variable that is another name of a function from one that is a table.
func kindOf(how token.Token, value ast.Expr) string {
	switch value.(type) {
	case *ast.FuncLit, *ast.SelectorExpr:
		if how == token.VAR {
			return "function"
		}
	}
	return "value"
}

// names tells whether a bare identifier in a declaration is one of the package's, and not something local.
func (s *source) names(one declaration, name *ast.Ident) bool {
	_, known := s.declarations[name.Name]
	return known && (name.Obj == nil || one.file.Scope.Lookup(name.Name) == name.Obj)
}

// receiver is the name of a method's type.
func receiver(expression ast.Expr) string {
	switch expression := expression.(type) {
	case *ast.StarExpr:
		return receiver(expression.X)
	case *ast.IndexExpr:
		return receiver(expression.X)
	case *ast.IndexListExpr:
		return receiver(expression.X)
	case *ast.Ident:
		return expression.Name
	}
	return "?"
}
