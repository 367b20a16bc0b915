package main

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const enPage = `# 1 Polling

A timer waits,
and [chapter 2](2_queue.md#the-queue) tells how.

## The idea

It is <!-- figure docs/results/r.md %cpu Idle one -->99<!-- end --> percent.

<!-- code p/p.go Wait -->
[` + "`p/p.go`](../p/p.go), `Wait`" + `:

` + "```go\nfunc Wait() {}\n\nfunc b() {}\n```" + `

<!-- end -->

- one
- two

<!-- nav -->
<!-- end -->
`

// zhPage is the twin of enPage, with the hashes that it then has.
func zhPage() string {
	page := `<!-- en -->
<a id="1-polling"></a>

# 1 轮询

<!-- en -->
定时器在等，[第 2 章](2_queue.md#the-queue)讲怎么等。

<!-- en -->
<a id="the-idea"></a>

## 想法

<!-- en -->
这是 <!-- figure docs/results/r.md %cpu Idle one --><!-- end --> %。

<!-- code p/p.go Wait -->
<!-- end -->

<!-- en -->
- 一
- 二

<!-- nav -->
<!-- end -->
`
	for _, e := range items(enPage, false) {
		if e.directive == "" {
			page = strings.Replace(page, "<!-- en -->", "<!-- en "+e.hash+" -->", 1)
		}
	}
	return page
}

const aGlossary = "| English | 中文 | 不用 |\n|---|---|---|\n| timer | 定时器 | 计时器 |\n| stop, stopped | 停止 | 中止、终止 |\n| lock | 锁 | |\n| map | map | 映射 |\n"

// twins weaves docs/zh/1_polling.md as the twin of an English page.
func twins(t *testing.T, en, zh string) (string, error) {
	t.Helper()
	b := newBook(t, map[string]string{
		"docs/1_polling.md":    en,
		"docs/2_queue.md":      "## The queue\n",
		"docs/zh/1_polling.md": zh,
		"docs/zh/2_queue.md":   "<a id=\"the-queue\"></a>\n\n## 队列\n",
		"docs/zh/README.md":    "# 三遍\n",
		"docs/zh/contents.md":  "# 目录\n",
		"docs/zh/3_event.md":   "# 事件\n",
		"p/p.go":               source,
		glossaryPage:           aGlossary,
	}, nil)
	b.chinese = map[string]string{"p/p.go": strings.Replace(source, "a nap", "打个盹", 1)}
	out := made{"docs/1_polling.md": en}
	woven, problems := b.weaveTwin("docs/zh/1_polling.md", out)
	out["docs/zh/1_polling.md"] = woven
	return woven, errors.Join(append(problems, checkBlocks("docs/zh/1_polling.md", woven)...)...)
}

// What stands between directives is that of the English page, for this one.
func TestTwin(t *testing.T) {
	woven, err := twins(t, enPage, zhPage())
	require.NoError(t, err)
	for _, part := range []string{
		"<!-- code p/p.go Wait -->\n[`p/p.go`](../../p/p.go)，`Wait`：\n\n```go\nfunc Wait() {\n\tfor i := range 3 {\n\t\ttime.Sleep(time.Second) // 打个盹\n",
		"这是 <!-- figure docs/results/r.md %cpu Idle one -->99<!-- end --> %。",
		"← [0 一个问题](0_question.md) · [目录](contents.md) · [2 队列](2_queue.md) → · [English](../1_polling.md)",
	} {
		assert.Contains(t, woven, part)
	}
	assert.NotContains(t, woven, "behind")

	again, err := twins(t, enPage, woven)
	require.NoError(t, err)
	assert.Equal(t, woven, again)
}

// A figure that has changed makes no prose old, nor does another line break.
func TestFiguresAreNoProse(t *testing.T) {
	en := strings.Replace(strings.Replace(enPage, "-->99<", "-->98<", 1), "waits,\nand", "waits, and", 1)
	woven, err := twins(t, en, zhPage())
	require.NoError(t, err)
	assert.Contains(t, woven, "-->98<!-- end --> %。")
}

// Whoever changes an English paragraph learns of the Chinese one, and until that
// is followed the page shows the English below it. The same for one that is new.
func TestBehind(t *testing.T) {
	changed := strings.Replace(enPage, "A timer waits", "A timer sleeps", 1)
	woven, err := twins(t, changed, zhPage())
	hash := hashOf("A timer sleeps,\nand [chapter 2](2_queue.md#the-queue) tells how.")
	assert.ErrorContains(t, err, "docs/zh/1_polling.md:6: behind the English, docs/1_polling.md:3. When the Chinese says the same, mark it <!-- en "+hash+" -->:\n\tA timer sleeps,")
	assert.Contains(t, woven, "讲怎么等。\n\n<!-- behind -->\n> **此段英文已改，译文待更新：**\n> \n> A timer sleeps,\n> and [chapter 2](2_queue.md#the-queue) tells how.\n<!-- end -->\n\n<!-- en")
	html, err := chapterHTML("docs/zh/1_polling.md", woven)
	require.NoError(t, err)
	assert.Contains(t, html, "<blockquote>\n<p><strong>此段英文已改")
	assert.Contains(t, html, "A timer sleeps")
	assert.Contains(t, html, `<h2 id="the-idea">想法</h2>`, "one anchor, that of the English heading")

	again, err := twins(t, changed, woven)
	assert.ErrorContains(t, err, "docs/zh/1_polling.md:6: behind")
	assert.Equal(t, woven, again, "it is shown once")

	followed := strings.Replace(woven, "<!-- en "+items(enPage, false)[1].hash, "<!-- en "+hash, 1)
	again, err = twins(t, changed, followed)
	require.NoError(t, err)
	assert.NotContains(t, again, "behind")

	longer := strings.Replace(enPage, "- one", "And this is new.\n\n- one", 1)
	woven, err = twins(t, longer, zhPage())
	assert.ErrorContains(t, err, "here is missing, from docs/1_polling.md:21, <!-- en "+hashOf("And this is new.")+" -->, the Chinese of\n\tAnd this is new.")
	assert.Contains(t, woven, "<!-- end -->\n\n<!-- behind -->\n> **此段还没有译文：**\n> \n> And this is new.\n<!-- end -->\n\n<!-- en")

	heading, err := twins(t, strings.Replace(enPage, "## The idea", "## The plan", 1), zhPage())
	assert.ErrorContains(t, err, `<a id="the-plan"></a> is missing`)
	assert.Contains(t, heading, "> **The plan**", "no second heading")
}

// A block stands for one on the same side of what agrees, not for an earlier one.
func TestBehindAndMissing(t *testing.T) {
	zh := strings.Replace(zhPage(), hashOf("- one\n- two"), "01234567", 1)
	from := strings.Index(zh, "<!-- en "+items(enPage, false)[3].hash)
	zh = zh[:from] + zh[strings.Index(zh, "<!-- code"):]
	_, err := twins(t, enPage, zh)
	assert.ErrorContains(t, err, "here is missing, from docs/1_polling.md:8")
	assert.ErrorContains(t, err, "behind the English, docs/1_polling.md:21")
}

// What is there twice in the English page may differ each time.
func TestRegionsAreTakenInTheirOrder(t *testing.T) {
	const page = "<!-- broken p/p.go -->\n%s\n<!-- end -->\n\n<!-- broken p/p.go -->\n%s\n<!-- end -->\n"
	b := newBook(t, nil, nil)
	woven, problems := b.fill("docs/zh/1_polling.md", fmt.Sprintf(page, "", ""), made{"docs/1_polling.md": fmt.Sprintf(page, "one", "two")})
	require.NoError(t, errors.Join(problems...))
	assert.Equal(t, fmt.Sprintf(page, "one", "two"), woven)
}

// A drawing is of the block above it. One below a directive is a block.
func TestItems(t *testing.T) {
	all := items("One:\n\n```text\na\n\nb\n```\n\n<!-- run x -->\ny\n\nz\n<!-- end -->\n\n```text\nc\n```\n", false)
	require.Len(t, all, 3)
	assert.Equal(t, "One:\n\n```text\na\n\nb\n```", all[0].prose)
	assert.Equal(t, "<!-- run x -->", all[1].directive)
	assert.Equal(t, "```text\nc\n```", all[2].prose)
}

func TestTwinsThatDiffer(t *testing.T) {
	list := "<!-- en " + hashOf("- one\n- two") + " -->\n- 一\n- 二\n\n"
	intro := "<!-- en " + items(enPage, false)[1].hash + " -->\n定时器在等，[第 2 章](2_queue.md#the-queue)讲怎么等。\n\n"
	code := "<!-- code p/p.go Wait -->\n<!-- end -->\n\n"
	for _, c := range []struct{ name, old, new, want string }{
		{"LeftOut", list, "", "here is missing, from docs/1_polling.md:21"},
		{"Twice", list, list + list, "this is here twice, or at another place than"},
		{"InPlaceOfAnother", intro, list, "this is here twice, or at another place than"},
		{"OutOfOrder", code + list, list + code, "this is here twice, or at another place than"},
		{"OfNothing", list, list + "<!-- en 01234567 -->\n三\n\n", "this is the Chinese of nothing"},
		{"NoMark", "<!-- en " + hashOf("# 1 Polling") + " -->\n", "", "behind the English, docs/1_polling.md:1"},
		{"NoHash", hashOf("# 1 Polling") + " ", "", "behind the English, docs/1_polling.md:1"},
		{"NothingBelow", "- 一\n- 二\n", "", "there is nothing below the mark of docs/1_polling.md:21"},
		{"NoFigure", "<!-- figure docs/results/r.md %cpu Idle one --><!-- end -->", "99", "the figures are not those of docs/1_polling.md:8, which are"},
		{"NoDirective", code, "", "here is missing, from docs/1_polling.md:10, <!-- code p/p.go Wait -->"},
		{"OtherDirective", "p.go Wait", "p.go Get", "code p/p.go Get: docs/1_polling.md has none like it"},
		{"NoAnchor", "<a id=\"the-idea\"></a>\n\n", "", `<a id="the-idea"></a> is missing`},
		{"CodeByHand", "- 一", "```go\nf()\n```", `a block of "go" is written by hand`},
		{"EnglishWord", "定时器在等", "timers 在等", `"timer" is not to be used; the glossary has "定时器"`},
		{"OtherWord", "定时器在等", "计时器在等", `"计时器" is not to be used`},
		{"SecondOtherWord", "定时器在等", "终止", `"终止" is not to be used`},
		{"NoSpace", "定时器在等", "用Go写", `no space between Chinese and Latin: "用Go写，第 2`},
		{"NoSpaceAtCode", "定时器在等", "`Run` 用`Go`写", `no space`},
		{"HalfWidth", "定时器在等，", "定时器在等, ", "not the Chinese one"},
		{"HalfWidthBracket", "定时器在等", "定时器 (timer) 在等", "not the Chinese one"},
		{"SpaceTooMany", "定时器在等，", "定时器在等， ", "a space beside Chinese punctuation"},
		{"LineBreak", "定时器在等", "定时器\n在等", "a line break within Chinese"},
		{"Traditional", "定时器在等", "定時器在等", `'時' is no simplified character`},
		{"TraditionalToo", "定时器在等", "龍在等", `'龍' is no simplified character`},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Contains(t, zhPage(), c.old)
			_, err := twins(t, enPage, strings.Replace(zhPage(), c.old, c.new, 1))
			assert.ErrorContains(t, err, c.want)
		})
	}
}

// Code has its own words, and an English word may stand beside the Chinese one.
func TestChineseThatIsRight(t *testing.T) {
	b := newBook(t, map[string]string{glossaryPage: aGlossary}, nil)
	for _, prose := range []string{
		"**定时器**（timer）用 `timer` 写，`lock`。",
		"见 [第 2 章](timer.md)，`a`、`b` 和 map：0.17 %，“好”。",
		"```text\nlock(计时器,x)\n```",
		"| 一 | `x` |\n|---|---|\n| 二 | Go 1.26 |",
	} {
		assert.Empty(t, b.checkChinese("p", item{prose: prose}), prose)
	}
}

// A link from a Chinese page leads to a Chinese one where there is one.
func TestLinksStayChinese(t *testing.T) {
	b := newBook(t, map[string]string{
		"docs/1_polling.md": "", "docs/zh/1_polling.md": "", "docs/2_queue.md": "", "docs/zh/2_queue.md": "", "docs/attack.md": "",
		"docs/pictures/a.svg": "", "docs/zh/pictures/a.svg": "", "docs/pages/a.html": "", "docs/pages/zh/a.html": "",
	}, nil)
	for link, wrong := range map[string]bool{
		"2_queue.md": false, "../attack.md": false, "../1_polling.md": false, "pictures/a.svg": false,
		"../2_queue.md": true, "../2_queue.md#x": true, "../pictures/a.svg": true, "../pages/a.html": true,
	} {
		err := b.checkTwin("docs/zh/1_polling.md", link, made{})
		assert.Equal(t, wrong, err != nil, link)
		assert.NoError(t, b.checkTwin("docs/1_polling.md", link, made{}))
	}
	assert.Equal(t, "2_queue.html#a", fromPages("docs/zh/1_polling.md", "2_queue.md#a"))
	assert.Equal(t, "../attack.html", fromPages("docs/zh/1_polling.md", "../attack.md"))
	assert.Equal(t, "stage1_polling.html#timers.go", fromPages("docs/zh/1_polling.md", "../../stage1_polling/timers.go"))
	assert.Equal(t, "../../zh/pictures/a.svg", fromPages("docs/zh/1_polling.md", "pictures/a.svg"))
	assert.Equal(t, "../results/cpu.svg", fromPages("docs/1_polling.md", "results/cpu.svg"))
}

// Each page leads to its twin, and is laid out in its own language.
func TestTwinsLeadToEachOther(t *testing.T) {
	assert.Contains(t, nav("docs/1_polling.md"), " · [中文](zh/1_polling.md)\n")
	assert.NotContains(t, nav("docs/5_faster.md"), "中文")
	assert.Contains(t, nav("docs/zh/4_real_world.md"), "[文章对照](article.md) → · [English](../4_real_world.md)\n")

	pages := made{}
	for _, name := range []string{"1_polling.html", "5_faster.html"} {
		require.Empty(t, put(english, pages, name, leaf{Class: "chapter"}, nil))
	}
	require.Empty(t, put(chinese, pages, "1_polling.html", leaf{Class: "chapter"}, nil))
	assert.Contains(t, pages["docs/pages/1_polling.html"], `href="zh/1_polling.html" lang="zh-Hans">中文</a>`)
	assert.NotContains(t, pages["docs/pages/5_faster.html"], "中文")
	for _, part := range []string{`<html lang="zh-Hans">`, `href="../style.css"`, `href="../1_polling.html" lang="en">English</a>`, `<a href="1_polling.html" aria-current="page">1 轮询</a>`} {
		assert.Contains(t, pages["docs/pages/zh/1_polling.html"], part)
	}

	_, err := chinese.Say("Good night")
	assert.ErrorContains(t, err, `"Good night" has no Chinese`)
}

// The words of a picture are Chinese, and nothing else in it is another.
func TestPictures(t *testing.T) {
	const svg = `<svg xmlns="x"><title id="t">Two loops</title><style>.a { fill: none }</style><text x="1">timer loop</text><text textLength="9" lengthAdjust="spacing">7 of 1,024 loops</text></svg>`
	files := map[string]string{
		"docs/pictures/a.svg": svg,
		glossaryPage:          aGlossary,
		picturesPage:          "| English | 中文 |\n|---|---|\n| Two loops | 两个循环 |\n| timer loop | 定时器循环 |\n| # of # loops | # 个，共 # 个循环 |\n",
	}
	out, problems := newBook(t, files, nil).pictures()
	require.NoError(t, errors.Join(problems...))
	assert.Equal(t, `<svg lang="zh-Hans" xmlns="x"><title id="t">两个循环</title><style>.a { fill: none }</style><text x="1">定时器循环</text><text>7 个，共 1,024 个循环</text></svg>`, out["docs/zh/pictures/a.svg"])

	files["docs/pictures/a.svg"] = strings.Replace(svg, "Two", "Three", 1)
	files[picturesPage] = strings.Replace(files[picturesPage], "定时器循环", "计时器循环", 1)
	_, problems = newBook(t, files, nil).pictures()
	err := errors.Join(problems...)
	assert.ErrorContains(t, err, `no row for "Three loops", which is in docs/pictures/a.svg`)
	assert.ErrorContains(t, err, `pictures.md:3: no picture has the words "Two loops"`)
	assert.ErrorContains(t, err, `pictures.md:4: "计时器" is not to be used`)
}

const goSource = `// Package p is p.
//
//	a  b
package p

// A T is a T.
type T struct {
	n int // how many

	// Two
	// lines.
	m int // how many
}
`

func chineseComments(en string) string {
	zh := "# 注释\n\n## loop.go\n\n"
	comments, _ := commentsOf("", goSource)
	for i, said := range []string{"`p` 就是 `p`。\n\n\t甲  乙", "`T` 是一种 `T`。", "有 `n` 个", "两行，见 [T.lock]。"} {
		zh += "<!-- en " + comments[i].hash + " -->\n" + said + "\n\n"
	}
	return zh
}

// The source has Chinese comments and the same code. A comment that is there twice
// is told once, and one that has changed is shown in English too.
func TestChineseSource(t *testing.T) {
	files := map[string]string{glossaryPage: aGlossary, "eventloop.go": "package e\n", zhFolder + "/source/contract.md": ""}
	for _, s := range stages {
		for _, f := range s.files {
			files[s.folder+"/"+f] = "package p\n"
		}
		files[zhFolder+"/source/"+s.folder+".md"] = ""
	}
	files["stage1_polling/loop.go"] = goSource
	files["stage2_queue/loop.go"] = goSource
	files[zhFolder+"/source/stage1_polling.md"] = chineseComments(goSource)
	sources, problems := newBook(t, files, nil).chineseSource()
	require.NoError(t, errors.Join(problems...))
	want := "// `p` 就是 `p`。\n//\n//\t甲  乙\npackage p\n\n// `T` 是一种 `T`。\ntype T struct {\n\tn int // 有 n 个\n\n\t// 两行，见 [T.lock]。\n\tm int // 有 n 个\n}\n"
	assert.Equal(t, want, sources["stage1_polling/loop.go"])
	assert.Equal(t, want, sources["stage2_queue/loop.go"])
	ps, err := passages("loop.go", want)
	require.NoError(t, err)
	assert.Contains(t, unfolded(ps[1].Comment), `<p><code>T</code> 是一种 <code>T</code>。`)

	files["stage1_polling/loop.go"] = strings.Replace(goSource, "Two\n", "Three\n", 1)
	sources, problems = newBook(t, files, nil).chineseSource()
	err = errors.Join(problems...)
	assert.ErrorContains(t, err, "docs/zh/source/stage1_polling.md:16: behind the English, stage1_polling/loop.go:10. When the Chinese says the same, mark it <!-- en "+hashOf("Three lines.")+" -->:\n\tThree\n\tlines.")
	assert.ErrorContains(t, err, "docs/zh/source/stage2_queue.md:1: here is missing, from stage2_queue/loop.go:10")
	assert.Contains(t, sources["stage1_polling/loop.go"], "\t// 两行，见 [T.lock]。\n\t//\n\t// 此段英文已改，译文待更新：\n\t//\n\t// Three\n\t// lines.\n\tm int")

	files[zhFolder+"/source/stage1_polling.md"] += "## gone.go\n"
	_, problems = newBook(t, files, nil).chineseSource()
	assert.ErrorContains(t, errors.Join(problems...), "there is no file gone.go")
}

// A long comment is folded in the code, and one line again on the page.
func TestFolded(t *testing.T) {
	const long = "定时器循环只看一次时钟，然后把 map 扫一遍；这样，截止时间早的先执行，跨轮也是如此：`now` 对谁都一样，`go test .` 也一样（见上）。"
	text := folded(long + "\n\n\t" + long + "\n\n  - " + long)
	assert.Equal(t, `定时器循环只看一次时钟，然后把 map 扫一遍；这样，截止时间早的先执行，跨轮也是如
此：`+"`now` 对谁都一样，`go test .`"+` 也一样（见上）。

	`+long+`

  - 定时器循环只看一次时钟，然后把 map 扫一遍；这样，截止时间早的先执行，跨轮也
    是如此：`+"`now` 对谁都一样，`go test .`"+` 也一样（见上）。`, text)
	const drawing = "<pre tabindex=\"0\">空闲　阻塞\n待触发　`阻塞`\n</pre>"
	assert.EqualValues(t, drawing, unfolded(drawing))
	html := unfolded(template.HTML(text))
	assert.Contains(t, html, "跨轮也是如此：<code>now</code> 对谁都一样，<code>go test .</code> 也一样")
}

// With -zh the Chinese is looked at alone: no command is run, nothing is written.
func TestListOfWhatIsBehind(t *testing.T) {
	b := newBook(t, map[string]string{"docs/1_polling.md": enPage, "docs/zh/1_polling.md": "<!-- en -->\n轮询\n", glossaryPage: aGlossary, "docs/zh/5_faster.md": ""}, nil)
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 1, run([]string{"-zh"}, b.root, &stdout, &stderr))
	assert.Contains(t, stdout.String(), "docs/zh/1_polling.md:1: behind the English, docs/1_polling.md:1. When the Chinese says the same, mark it <!-- en "+hashOf("# 1 Polling")+" -->:\n\t# 1 Polling\n")
	assert.Contains(t, stdout.String(), "docs/zh/5_faster.md is the twin of no page\n")
	text, err := os.ReadFile(filepath.Join(b.root, "docs", "zh", "1_polling.md"))
	require.NoError(t, err)
	assert.Equal(t, "<!-- en -->\n轮询\n", string(text))
}

// The Chinese that is in the repository says what the English there says.
func TestTheChineseIsNotBehind(t *testing.T) {
	b, err := open(filepath.Join("..", ".."), nil)
	require.NoError(t, err)
	for _, p := range b.behind() {
		t.Error(p)
	}
}
