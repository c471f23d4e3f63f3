//! The important parts of the HTML page of the samples.

use super::*;

/// The part of a page from one text up to another.
fn part<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let start = page.find(from).unwrap_or_else(|| panic!("{from}: {page}"));
    let rest = &page[start..];
    &rest[..rest.find(to).unwrap_or_else(|| panic!("{to}: {rest}")) + to.len()]
}

#[test]
fn html_of_a_comparison() {
    let page = render(Format::Html, &Sample::new().diff(), layout());
    insta::assert_snapshot!(part(&page, "<header>", "</header>"), @r##"
    <header>
    <p class="kicker">mcp-kit diff</p>
    <h1 dir="auto">deals</h1>
    <p class="verdict danger">Fails: 2 breaking, 1 warning, 1 info.</p>
    <ul class="tiles">
    <li class="danger"><a href="#breaking"><strong>2</strong> Breaking</a></li>
    <li class="careful"><a href="#warnings"><strong>1</strong> Warnings</a></li>
    <li class="neutral"><a href="#infos"><strong>1</strong> Information</a></li>
    <li class="calm"><a href="#allowed"><strong>1</strong> Allowed</a></li>
    </ul>
    <dl class="facts">
    <div><dt>Before</dt><dd><code>git:main:contract.json</code> <code>1.4.2</code></dd></div>
    <div><dt>Now</dt><dd><code>contract.json</code> <code>1.4.2</code></dd></div>
    <div><dt>Version</dt><dd>next version should be 2.0.0 (now 1.4.2)</dd></div>
    <div><dt>Accept on purpose</dt><dd><code>mcp-kit diff --write</code></dd></div>
    <div><dt>Fails on</dt><dd>breaking</dd></div>
    <div><dt>Lists</dt><dd>2 tools</dd></div>
    <div><dt>Project</dt><dd><code>mcp-kit.toml</code></dd></div>
    </dl>
    </header>
    "##);
    insta::assert_snapshot!(part(&page, "<section id=\"breaking\">", "</section>"), @r##"
    <section id="breaking">
    <h2>Breaking</h2>
    <details class="finding danger" open>
    <summary><span class="message" dir="auto">&quot;on_hold&quot; is no longer accepted</span> <span class="where"><code>move_<wbr>deal.<wbr>input.<wbr>stage</code></span> <span class="rule">breaking/input-narrowed</span></summary>
    <div class="body" id="finding-1">
    <p class="fix"><strong>Fix</strong> keep accepting it</p>
    <p>Proof: accepted before, refused now.</p>
    <pre tabindex="0"><code>{&quot;method&quot;:&quot;tools/call&quot;,&quot;params&quot;:{&quot;name&quot;:&quot;move_deal&quot;,&quot;arguments&quot;:{&quot;stage&quot;:&quot;on_hold&quot;}}}</code></pre>
    <ul class="places">
    <li><a href="#tool-move_deal"><code>move_deal</code></a><code>.<wbr>input.<wbr>stage</code> <small>contract.json:7:25</small></li>
    </ul>
    <p class="quiet">Why: <a href="#rule-breaking-input-narrowed">breaking/input-narrowed</a> · fingerprint <code>6b7b84788a02cb6d</code></p>
    </div>
    </details>
    <details class="finding danger" open>
    <summary><span class="message" dir="auto">the tool is gone</span> <span class="where"><code>drop_<wbr>deal</code></span> <span class="rule">breaking/tool-removed</span></summary>
    <div class="body" id="finding-2">
    <p class="fix"><strong>Fix</strong> mark it as deprecated first</p>
    <ul class="places">
    <li><code>drop_deal</code> <small>git:main:contract.json:7:5</small></li>
    </ul>
    <p class="quiet">Why: <a href="#rule-breaking-tool-removed">breaking/tool-removed</a> · fingerprint <code>c20b985ac529c01e</code></p>
    </div>
    </details>
    </section>
    "##);
    insta::assert_snapshot!(part(&page, "<section id=\"allowed\">", "</section>"), @r##"
    <section id="allowed">
    <h2>Allowed</h2>
    <details class="finding calm">
    <summary><span class="message" dir="auto">longer than 400 characters is no longer accepted</span> <span class="where"><code>move_<wbr>deal.<wbr>input.<wbr>note</code></span> <span class="rule">breaking/input-narrowed</span></summary>
    <div class="body" id="finding-5">
    <p><strong>Allowed</strong> nobody writes so much (until 2027-01-31)</p>
    <p class="fix"><strong>Fix</strong> keep accepting it</p>
    <p>Proof: accepted before, refused now.</p>
    <pre tabindex="0"><code>{&quot;method&quot;:&quot;tools/call&quot;,&quot;params&quot;:{&quot;name&quot;:&quot;move_deal&quot;,&quot;arguments&quot;:{&quot;note&quot;:&quot;x&quot; × 401}}}</code></pre>
    <ul class="places">
    <li><a href="#tool-move_deal"><code>move_deal</code></a><code>.<wbr>input.<wbr>note</code> <small>contract.json:6:29</small></li>
    </ul>
    <p class="quiet">Why: <a href="#rule-breaking-input-narrowed">breaking/input-narrowed</a> · fingerprint <code>88d38d02ad7bbcdb</code></p>
    </div>
    </details>
    </section>
    "##);
}

#[test]
fn html_of_a_lint_run() {
    let page = render(Format::Html, &Sample::new().lint(), layout());
    insta::assert_snapshot!(part(&page, "<header>", "</header>"), @r##"
    <header>
    <p class="kicker">mcp-kit lint</p>
    <h1 dir="auto">deals</h1>
    <p class="verdict danger">Fails: 2 breaking, 1 warning, 1 info.</p>
    <ul class="tiles">
    <li class="danger"><a href="#breaking"><strong>2</strong> Breaking</a></li>
    <li class="careful"><a href="#warnings"><strong>1</strong> Warnings</a></li>
    <li class="neutral"><a href="#infos"><strong>1</strong> Information</a></li>
    <li class="calm"><a href="#allowed"><strong>1</strong> Allowed</a></li>
    </ul>
    <dl class="facts">
    <div><dt>Target</dt><dd><code>contract.json</code></dd></div>
    <div><dt>Version</dt><dd><code>1.4.2</code></dd></div>
    <div><dt>Profile</dt><dd>recommended</dd></div>
    <div><dt>Fails on</dt><dd>error</dd></div>
    <div><dt>Lists</dt><dd>2 tools</dd></div>
    <div><dt>Project</dt><dd><code>mcp-kit.toml</code></dd></div>
    </dl>
    </header>
    "##);
    insta::assert_snapshot!(part(&page, "<section id=\"cost\">", "</section>"), @r##"
    <section id="cost">
    <h2>Token cost</h2>
    <p>55 tokens before the model, 55 on the wire (o200k_base).</p>
    <p class="legend"><span class="swatch model"></span> before the model: name, description, input schema <span class="swatch wire"></span> on the wire besides</p>
    <div class="scroll" role="group" aria-label="Token cost of the tools" tabindex="0">
    <table role="table" class="cost">
    <thead role="rowgroup"><tr role="row"><th role="columnheader">Tool</th><th role="columnheader">Cost</th><th role="columnheader">Tokens</th></tr></thead>
    <tbody role="rowgroup">
    <tr role="row"><th role="rowheader"><a href="#tool-move_deal"><code>move_deal</code></a></th><td role="cell"><svg class="bar" viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true"><rect class="wire" width="1000" height="12"/><rect class="model" width="1000" height="12"/></svg></td><td role="cell">37 <small>67 %, 37 on the wire</small></td></tr>
    <tr role="row"><th role="rowheader"><a href="#tool-get_deal"><code>get_deal</code></a></th><td role="cell"><svg class="bar" viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true"><rect class="wire" width="487" height="12"/><rect class="model" width="487" height="12"/></svg></td><td role="cell">18 <small>32 %, 18 on the wire</small></td></tr>
    </tbody>
    </table>
    </div>
    </section>
    "##);
    insta::assert_snapshot!(part(&page, "<section id=\"warnings\">", "</section>"), @r##"
    <section id="warnings">
    <h2>Warnings</h2>
    <details class="finding careful">
    <summary><span class="message" dir="auto">the entry for <code>desc/missing</code> matches nothing</span> <span class="where"><code>mcp-kit.<wbr>toml</code></span> <span class="rule">allow/stale</span></summary>
    <div class="body" id="finding-3">
    <p class="fix"><strong>Fix</strong> take the entry out</p>
    <ul class="places">
    <li><code>mcp-kit.<wbr>toml</code> <small>mcp-kit.toml:3:1</small></li>
    </ul>
    <p class="quiet">Why: <a href="#rule-allow-stale">allow/stale</a> · fingerprint <code>96079a6d4eb347a4</code></p>
    </div>
    </details>
    </section>
    "##);
    insta::assert_snapshot!(part(&page, "<section id=\"tools\">", "</details>\n</section>"), @r##"
    <section id="tools">
    <h2>Tools</h2>
    <details class="tool">
    <summary><code>get_<wbr>deal</code> <span class="badge neutral">1 info</span> <span class="where">18 tokens</span></summary>
    <div class="body" id="tool-get_deal">
    <p class="badges"><span class="badge neutral">not declared</span></p>
    <div class="prose" dir="auto">Gets.</div>
    <ul class="places">
    <li><a href="#finding-4">the description is new</a> <small>breaking/description-drift</small></li>
    </ul>
    <details class="definition">
    <summary>Definition</summary>
    <pre tabindex="0"><code>{
      &quot;description&quot;: &quot;Gets.&quot;,
      &quot;inputSchema&quot;: {
        &quot;type&quot;: &quot;object&quot;
      },
      &quot;name&quot;: &quot;get_deal&quot;
    }</code></pre>
    </details>
    <p class="quiet">Cost: 18 tokens before the model, 18 on the wire · <code>/tools/0</code></p>
    </div>
    </details>
    <details class="tool">
    <summary><code>move_<wbr>deal</code> <span class="badge danger">1 error</span> <span class="badge neutral">1 info</span> <span class="where">37 tokens</span></summary>
    <div class="body" id="tool-move_deal">
    <p class="badges"><span class="badge neutral">not declared</span></p>
    <div class="prose" dir="auto">Moves.</div>
    <ul class="places">
    <li><a href="#finding-1">&quot;on_hold&quot; is no longer accepted</a> <small>breaking/input-narrowed</small></li>
    <li><a href="#finding-4">the description is new</a> <small>breaking/description-drift</small></li>
    <li><a href="#finding-5">longer than 400 characters is no longer accepted</a> <small>breaking/input-narrowed, allowed</small></li>
    </ul>
    <details class="definition">
    <summary>Definition</summary>
    <pre tabindex="0"><code>{
      &quot;description&quot;: &quot;Moves.&quot;,
      &quot;inputSchema&quot;: {
        &quot;properties&quot;: {
          &quot;note&quot;: {
            &quot;maxLength&quot;: 400
          },
          &quot;stage&quot;: {
            &quot;enum&quot;: [
              &quot;open&quot;,
              &quot;won&quot;
            ]
          }
        },
        &quot;type&quot;: &quot;object&quot;
      },
      &quot;name&quot;: &quot;move_deal&quot;
    }</code></pre>
    </details>
    <p class="quiet">Cost: 37 tokens before the model, 37 on the wire · <code>/tools/1</code></p>
    </div>
    </details>
    </section>
    "##);
}
