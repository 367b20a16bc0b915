package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const enPage = `# 1 Polling

A timer waits,
and [chapter 2](2_queue.md#the-queue) tells how:

` + "```text\ntick\n\ntock\n```" + `

It is <!-- figure docs/results/r.txt %cpu Idle/impl=none -->99<!-- end --> percent.

<!-- code p/p.go Wait -->
<!-- end -->

<!-- table docs/results/r.txt %cpu Idle impl=none -->
<!-- end -->

- one
- two

<!-- broken p/p.go -->
` + "```go\n// wrong\nfunc Wait() {}\n```" + `
<!-- end -->

<!-- run go version -->
<!-- end -->

<!-- nav -->
<!-- end -->
`

const zhText = `<!-- en -->
<a id="1-polling"></a>

# 1 轮询

<!-- en -->
定时器在等，[第 2 章](2_queue.md#the-queue)和[附录](../attack.md)（英文）讲怎么等。

<!-- en -->
这是 <!-- figure docs/results/r.txt %cpu Idle/impl=none --><!-- end --> %。

<!-- code p/p.go Wait -->
<!-- end -->

<!-- table docs/results/r.txt %cpu Idle impl=none -->
<!-- end -->

<!-- en -->
- 一
- 二

<!-- broken p/p.go -->
<!-- end -->

<!-- run go version -->
<!-- end -->

<!-- nav -->
<!-- end -->
`

// zhPage is the twin of enPage, with the hashes that it then has.
func zhPage() string {
	page := zhText
	for _, e := range items(enPage, false) {
		if e.directive == "" {
			page = strings.Replace(page, "<!-- en -->", "<!-- en "+e.hash+" -->", 1)
		}
	}
	return page
}

// twins weaves docs/zh/1_polling.md as the twin of an English page.
func twins(t *testing.T, en, zh string) (string, error) {
	t.Helper()
	comments := ""
	for _, c := range commentsOf("// a nap\n\n// wrong") {
		comments += "<!-- en " + c.hash + " -->\n注释，" + strings.Repeat("这一行很长，要折，", 6) + "\n\n"
	}
	b := newBook(t, en, map[string]string{
		"docs/README.md": "# C\n", "docs/attack.md": "# A\n", "docs/2_queue.md": "## The queue\n",
		"docs/zh/1_polling.md":   zh,
		"docs/zh/2_queue.md":     "<!-- en " + hashOf("## The queue") + " -->\n<a id=\"the-queue\"></a>\n\n## 队列\n",
		"docs/zh/contents.md":    "<!-- en " + hashOf("# C") + " -->\n<a id=\"c\"></a>\n\n# 目录\n",
		"docs/zh/source/some.md": "# 注释\n\n" + comments,
		"docs/pictures/a.svg":    `<svg xmlns="x"><title>Idle</title><text textLength="9" lengthAdjust="spacing">7 of 1,024 loops</text></svg>`,
		wordsPage:                "| English | 中文 |\n|---|---|\n| Idle | 空闲 |\n| none | 没有循环 |\n| # of # loops | # 个，共 # 个循环 |\n",
	}, pretend(map[string]string{"go version": "go version 1\n"}))
	out := b.english()
	b.weaveChinese(out)
	b.problem(b.checkPage("docs/zh/1_polling.md", out)...)
	assert.Equal(t, `<svg lang="zh-Hans" xmlns="x"><title>空闲</title><text>7 个，共 1,024 个循环</text></svg>`, out["docs/zh/pictures/a.svg"])
	return out["docs/zh/1_polling.md"], errors.Join(b.problems...)
}

// A region of a Chinese page has the comments, words and links of that language, and
// the outputs and the broken code of the English page.
func TestTwin(t *testing.T) {
	woven, err := twins(t, enPage, zhPage())
	require.NoError(t, err)
	for _, part := range []string{
		"<!-- code p/p.go Wait -->\n[`p/p.go`](../../p/p.go)，`Wait`：\n\n```go\nfunc Wait() {\n\tfor i := range 3 {\n\t\ttime.Sleep(time.Second) // 注释，这",
		"| %cpu | 没有循环 |\n|---|---:|\n| 空闲 | 0.100 |\n\nEPYC，2 核 · go1.26 linux/amd64 · today · 1 遍的中位数。全部数据：[r.txt](../results/r.txt)（英文）。",
		"这是 <!-- figure docs/results/r.txt %cpu Idle/impl=none -->0.100<!-- end --> %。",
		"**写错的**，不在 [`p/p.go`](../../p/p.go) 里。\n\n```go\n// 注释，",
		"这一行很长，要折，\n// 这一行很长，要折，这一行很长，要折，\nfunc Wait() {}\n```",
		"$ go version\ngo version 1\n",
		"[目录](contents.md) · [2 队列](2_queue.md) → · [English](../1_polling.md)",
	} {
		assert.Contains(t, woven, part)
	}
	again, err := twins(t, enPage, woven)
	require.NoError(t, err)
	assert.Equal(t, woven, again)

	// A figure that has changed makes no prose old, nor does another line break.
	_, err = twins(t, strings.Replace(strings.Replace(enPage, "-->99<", "-->98<", 1), "waits,\nand", "waits, and", 1), zhPage())
	require.NoError(t, err)

	// A heading with a drawing below it has the anchor of the heading alone.
	const heading, drawn = "# 1 Polling", "# 1 Polling\n\n```text\na --> b\n```"
	_, err = twins(t, strings.Replace(enPage, heading, drawn, 1), strings.Replace(zhPage(), hashOf(heading), hashOf(drawn), 1))
	require.NoError(t, err)
}

func TestTwinsThatDiffer(t *testing.T) {
	intro := "<!-- en " + items(enPage, false)[1].hash + " -->\n定时器在等，[第 2 章](2_queue.md#the-queue)和[附录](../attack.md)（英文）讲怎么等。\n\n"
	list := "<!-- en " + hashOf("- one\n- two") + " -->\n- 一\n- 二\n\n"
	code := "<!-- code p/p.go Wait -->\n<!-- end -->\n\n"
	for _, c := range []struct{ old, new, want string }{
		{list, "", "here is missing, from docs/1_polling.md:20, <!-- en " + hashOf("- one\n- two") + " -->, the Chinese of\n\t- one"},
		{list, list + list, "this is the Chinese of nothing there"},
		{intro, list, "here is missing, from docs/1_polling.md:3"},
		{code, "", "here is missing, from docs/1_polling.md:14, <!-- code p/p.go Wait -->"},
		{hashOf("# 1 Polling") + " ", "01234567 ", "docs/zh/1_polling.md:1: behind the English, docs/1_polling.md:1. When the Chinese says the same, mark it <!-- en " + hashOf("# 1 Polling") + " -->:\n\t# 1 Polling"},
		{"- 一\n- 二\n", "", "there is nothing below the mark of docs/1_polling.md:20"},
		{"<!-- figure docs/results/r.txt %cpu Idle/impl=none --><!-- end -->", "99", "the figures are not those of docs/1_polling.md:12, which are"},
		{"p.go Wait", "p.go Get", "code p/p.go Get: docs/1_polling.md has none like it"},
		{"<a id=\"1-polling\"></a>\n\n", "", `<a id="1-polling"></a> is missing`},
		{"（英文）讲", "讲", "the link to docs/attack.md is not followed by （英文）"},
		{"2_queue.md#", "../2_queue.md#", "leads to the English page, but there is docs/zh/2_queue.md"},
		{"- 一", "```go\nf()\n```", `a block of "go" is written by hand`},
	} {
		require.Contains(t, zhPage(), c.old)
		_, err := twins(t, enPage, strings.Replace(zhPage(), c.old, c.new, 1))
		assert.ErrorContains(t, err, c.want)
	}
	_, err := twins(t, strings.Replace(enPage, "// wrong", "// wrong again", 1), zhPage())
	assert.ErrorContains(t, err, "p/p.go: the comment has no Chinese in docs/zh/source: <!-- en "+hashOf("wrong again")+" -->\n\twrong again")
	assert.ErrorContains(t, err, "docs/zh/source/some.md:6: no comment that is shown has this Chinese, of hash "+hashOf("wrong"))
	_, err = twins(t, strings.Replace(enPage, "%cpu Idle impl=none", "%cpu Idle impl=stage1_polling", 1), strings.Replace(zhPage(), "%cpu Idle impl=none", "%cpu Idle impl=stage1_polling", 1))
	assert.ErrorContains(t, err, `"stage#_polling" has no Chinese in docs/zh/pictures.md`)
}

// Every comment of a file is on its page, and every line of its code, in order.
func TestPassages(t *testing.T) {
	ps, err := passages(english, "p.go", aSource)
	require.NoError(t, err)
	require.Len(t, ps, 4)
	assert.Contains(t, ps[0].Code, "time")
	assert.Equal(t, "Wait", ps[1].ID)
	assert.Contains(t, ps[1].Comment, "Wait waits.")
	assert.Contains(t, ps[1].Code, "a nap", "a comment that ends a line stays there")
	assert.Equal(t, "T", ps[2].ID)
	assert.Equal(t, "T.Get", ps[3].ID, "it has no comment, but a passage of its own")
}
