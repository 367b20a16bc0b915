package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"example.com/eventloop/internal/source"
)

// A mutant is one file with one thing broken.
type mutant struct {
	file  string // slash-separated, relative to the module
	line  int
	what  string // the change, as reports and the list of survivors name it
	edits []edit
	locks bool // a lock is gone: only the race detector is sure to see it
}

// An edit replaces the bytes from start to end.
type edit struct {
	start, end int
	text       string
}

// name identifies m among the mutants of its file without its line, so that it
// is the same when something else in the file changes.
func (m mutant) name() string { return m.file + " " + m.what }

// apply returns the source of m.
func (m mutant) apply(src string) string {
	for _, e := range slices.Backward(m.edits) {
		src = src[:e.start] + e.text + src[e.end:]
	}
	return src
}

// mutants returns all that can be made of one file, in its order.
func mutants(file, src string) ([]mutant, error) {
	parsed, err := source.Parse(file, src)
	if err != nil {
		return nil, err
	}
	b := &breaker{name: file, file: parsed, seen: make(map[string]int)}
	for _, decl := range parsed.Decls() {
		switch node := decl.Node.(type) {
		case *ast.FuncDecl:
			b.in = decl.Names[0]
			ast.Inspect(node.Body, b.visit)
			b.locks(node.Body)
		case *ast.GenDecl:
			if node.Tok == token.CONST {
				b.in = "const"
				ast.Inspect(node, b.visit)
			}
		}
	}
	return b.all, nil
}

// A breaker collects mutants.
type breaker struct {
	name   string // of the file
	file   *source.File
	in     string   // the function
	simple ast.Stmt // in the head of the if or for statement visited last
	seen   map[string]int
	all    []mutant
}

func (b *breaker) text(n ast.Node) string { return b.file.Text(n) }

// over is the edit that puts text in the place of n.
func (b *breaker) over(n ast.Node, text string) edit {
	return edit{b.file.Offset(n.Pos()), b.file.Offset(n.End()), text}
}

func (b *breaker) insert(at token.Pos, text string) edit {
	return edit{b.file.Offset(at), b.file.Offset(at), text}
}

// add adds the mutant with these edits.
func (b *breaker) add(at token.Pos, what string, edits ...edit) *mutant {
	what = b.in + ": " + strings.Join(strings.Fields(what), " ")
	b.seen[what]++
	if n := b.seen[what]; n > 1 {
		what += fmt.Sprintf(" (%d)", n)
	}
	b.all = append(b.all, mutant{file: b.name, line: b.file.Fset.Position(at).Line, what: what, edits: edits})
	return &b.all[len(b.all)-1]
}

// replace adds the mutant that has text for n.
func (b *breaker) replace(n ast.Node, text string) {
	b.add(n.Pos(), b.text(n)+" → "+text, b.over(n, text))
}

// leaveOut adds the mutant in which n, a statement, is never reached. It stays
// in the file, so that it still uses the variables and packages that it used.
func (b *breaker) leaveOut(n ast.Stmt) {
	if n == b.simple { // where no other statement can be
		b.add(n.Pos(), "without "+b.text(n), b.over(n, ""))
		return
	}
	b.add(n.Pos(), "without "+b.firstLine(n), b.insert(n.Pos(), "if false { "), b.insert(n.End(), " }"))
}

// neverReady is what leaveOutClause adds to a file: a channel that never is ready.
const neverReady = "\nfunc neverReady[channel any](channel) (none channel) { return }\n"

// leaveOutClause adds the mutant in which n waits for something that never happens.
func (b *breaker) leaveOutClause(n *ast.CommClause) {
	what := "without " + b.firstLine(n)
	end := edit{len(b.file.Src), len(b.file.Src), neverReady}
	if n.Comm == nil {
		b.add(n.Pos(), what, edit{b.file.Offset(n.Pos()), b.file.Offset(n.Colon), "case <-neverReady(make(chan bool))"}, end)
		return
	}
	ast.Inspect(n.Comm, func(inner ast.Node) bool {
		var channel ast.Expr
		switch inner := inner.(type) {
		case *ast.UnaryExpr:
			if inner.Op == token.ARROW {
				channel = inner.X
			}
		case *ast.SendStmt:
			channel = inner.Chan
		}
		if channel == nil {
			return true
		}
		b.add(n.Pos(), what, b.insert(channel.Pos(), "neverReady("), b.insert(channel.End(), ")"), end)
		return false
	})
}

// firstLine is the first line of n, to name it by.
func (b *breaker) firstLine(n ast.Node) string {
	first, _, more := strings.Cut(b.text(n), "\n")
	if more {
		first += " …"
	}
	return first
}

// operators are each replaced by these: the neighbour, at the boundary, and the
// opposite.
var operators = map[token.Token][]token.Token{
	token.LSS:  {token.LEQ, token.GEQ},
	token.LEQ:  {token.LSS, token.GTR},
	token.GTR:  {token.GEQ, token.LEQ},
	token.GEQ:  {token.GTR, token.LSS},
	token.EQL:  {token.NEQ},
	token.NEQ:  {token.EQL},
	token.LAND: {token.LOR},
	token.LOR:  {token.LAND},
	token.ADD:  {token.SUB},
	token.SUB:  {token.ADD},
	token.MUL:  {token.QUO},
	token.QUO:  {token.MUL},
	token.REM:  {token.QUO},
	token.SHL:  {token.SHR},
	token.INC:  {token.DEC},
}

// words are replaced by others, and a call of one by its opposite.
var words = map[string]string{"true": "false", "false": "true", "min": "max", "max": "min"}

func (b *breaker) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ExprStmt, *ast.SendStmt, *ast.GoStmt, *ast.BranchStmt:
		b.leaveOut(n.(ast.Stmt))
	case *ast.ReturnStmt:
		if len(n.Results) == 0 {
			b.leaveOut(n)
		}
	case *ast.DeferStmt:
		b.leaveOut(n)
		b.replace(n, b.text(n.Call)) // at once
		if selector, ok := n.Call.Fun.(*ast.SelectorExpr); ok && selector.Sel.Name == "Unlock" {
			b.all[len(b.all)-1].locks = true
		}
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			b.leaveOut(n)
			b.oneByOne(n)
		}
	case *ast.IncDecStmt:
		b.leaveOut(n)
		b.operator(n.TokPos, n.Tok)
	case *ast.IfStmt:
		b.condition(n.Cond)
		b.simple = n.Init
	case *ast.ForStmt:
		b.condition(n.Cond)
		b.simple = n.Post
	case *ast.CommClause:
		b.leaveOutClause(n)
		for _, stmt := range n.Body {
			ast.Inspect(stmt, b.visit)
		}
		return false // nothing can be left out of what it waits for
	case *ast.CaseClause: // of a switch without a tag
		if n.List == nil {
			b.add(n.Pos(), "without "+b.firstLine(n), edit{b.file.Offset(n.Pos()), b.file.Offset(n.Colon), "case false"})
		}
		for _, cond := range n.List {
			b.condition(cond)
		}
	case *ast.BinaryExpr:
		b.operator(n.OpPos, n.Op)
		if n.Op == token.LAND || n.Op == token.LOR {
			b.side(n, n.X, n.Y)
			b.side(n, n.Y, n.X)
		}
	case *ast.UnaryExpr:
		if n.Op == token.NOT {
			b.replace(n, b.text(n.X))
		}
	case *ast.Ident:
		if other, ok := words[n.Name]; ok {
			b.replace(n, other)
		}
	case *ast.BasicLit:
		b.literal(n)
	}
	return true
}

// side adds the mutant in which one side decides. The other is never reached, but stays
// in the file, as in leaveOut.
func (b *breaker) side(n *ast.BinaryExpr, decides, other ast.Expr) {
	never := map[token.Token]string{token.LAND: "(true || ", token.LOR: "(false && "}[n.Op]
	b.add(n.Pos(), b.text(n)+" → "+b.text(decides), b.insert(other.Pos(), never), b.insert(other.End(), ")"))
}

// condition adds the mutants in which cond is always true, and never.
func (b *breaker) condition(cond ast.Expr) {
	if cond != nil {
		b.replace(cond, "(true || "+b.text(cond)+")")
		b.replace(cond, "(false && "+b.text(cond)+")")
	}
}

// oneByOne leaves out one of the assignments of a, b = c, d.
func (b *breaker) oneByOne(n *ast.AssignStmt) {
	if len(n.Lhs) < 2 || len(n.Lhs) != len(n.Rhs) {
		return
	}
	for i := range n.Lhs {
		lhs, rhs := b.text(n.Lhs[i]), b.text(n.Rhs[i])
		edits := []edit{b.over(n.Lhs[i], "_")}
		if rhs == "nil" { // it has no type of its own
			edits = append(edits, b.over(n.Rhs[i], "any(nil)"))
		}
		b.add(n.Pos(), fmt.Sprintf("without %s = %s in %s", lhs, rhs, b.text(n)), edits...)
	}
}

func (b *breaker) operator(pos token.Pos, op token.Token) {
	for _, other := range operators[op] {
		start := b.file.Offset(pos)
		b.add(pos, fmt.Sprintf("%s → %s in %s", op, other, b.line(pos)), edit{start, start + len(op.String()), other.String()})
	}
}

// line returns the whole line in which pos is.
func (b *breaker) line(pos token.Pos) string {
	file := b.file.Fset.File(pos)
	line, _, _ := strings.Cut(b.file.Src[b.file.Offset(file.LineStart(file.Line(pos))):], "\n")
	return line
}

func (b *breaker) literal(n *ast.BasicLit) {
	change := func(text string) {
		b.add(n.Pos(), fmt.Sprintf("%s → %s in %s", n.Value, text, b.line(n.Pos())), b.over(n, text))
	}
	switch n.Kind {
	case token.INT:
		value, err := strconv.ParseInt(n.Value, 0, 64)
		if err != nil {
			return
		}
		change(strconv.FormatInt(value+1, 10))
		if value != 0 {
			change(strconv.FormatInt(value-1, 10))
		}
	case token.STRING:
		change(`"?"`)
	}
}

// locks takes out each lock of a function: all calls of Lock and Unlock on it.
func (b *breaker) locks(body *ast.BlockStmt) {
	edits := make(map[string][]edit)
	var order []*ast.SelectorExpr // the first of each lock
	ast.Inspect(body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		selector, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || selector.Sel.Name != "Lock" && selector.Sel.Name != "Unlock" {
			return true
		}
		lock := b.text(selector.X)
		if edits[lock] == nil {
			order = append(order, selector)
		}
		edits[lock] = append(edits[lock], b.over(call, "func() {}()"))
		return true
	})
	for _, first := range order {
		lock := b.text(first.X)
		b.add(first.Pos(), "without "+lock, edits[lock]...).locks = true
	}
}
