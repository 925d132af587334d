# A page is one file that asks for nothing else; what its parts do is tried in a browser where there is one.
cp "$TOP/tests/graph/everything.dfl" "$TOP/samples/support/support.dfl" .
"$DFLC" graph -w --format html support.dfl >support.html
"$DFLC" graph -w --format html support.dfl | cmp - support.html
"$DFLC" graph -w --format html everything.dfl >everything.html
[ "$(grep -o 'https\?://[^"]*' everything.html | sort -u)" = http://www.w3.org/2000/svg ]
! grep -q ' src=\|<link\|@import\|url([^#]' everything.html
sed -n 's/^<script type="application\/json" id="data">\(.*\)<\/script>$/\1/p' everything.html >data.json
[ "$(wc -l <data.json)" = 1 ]
! command -v python3 >/dev/null || python3 -m json.tool <data.json >/dev/null

# What would be markup in a string of the data.
printf 'graph g { state { in a : string; } node x (in a); start -> x when a == "</script><!--<script>"; start -> end; x -> end; }\n' >hostile.dfl
"$DFLC" graph -w --format html hostile.dfl >hostile.html
[ "$(grep -c '</script>' hostile.html)" = 2 ]
grep -q 'u003c/script>' hostile.html

# ---- in a browser ----

. "$TOP/tests/cmd/browser.lib"

opened support.html ''
has '<h1 id="file">support.dfl</h1>' '<span class="quiet">out, merge append</span>'
opened support.html 'place=support/grade'
has '<g class="node selected" id="support/grade" tabindex="0"' '<code>support_grade</code>' 'support.dfl:40' \
    'node grade (in answer : string, in facts : string[], in mood : tone, in reference : string?, out gaps : gap[], out score : f64, out notes : string[])' \
    'class="edge near" id="support/grade&gt;1"' '<li>cost 1us</li>'
opened everything.html 'place=everything/section.2&field=everything/answer&theme=dark&find=style'
has 'data-theme="dark"' 'class="node lit writes"' 'class="dfl carrying"' 'class="section each selected"' \
    'class="node effect found' '<li>threads as they pay'
opened hostile.html 'edge=g/start>1'
has '<h2>a == "&lt;/script&gt;&lt;!--&lt;script&gt;"</h2>'

# Clicks, keys, the wheel and a drag, as a person makes them; what each did is written into the page.
{
    cat everything.html
    cat <<'END'
<pre id="result"></pre><script>
addEventListener("load", () => {
    const out = [], say = (name, ok) => out.push(name + (ok ? " ok" : " failed"));
    const at = id => { const r = document.getElementById(id).getBoundingClientRect(); return { x: r.left + r.width / 2, y: r.top + r.height / 2 }; };
    const pointer = (kind, target, p) => target.dispatchEvent(new PointerEvent(kind, { bubbles: true, pointerId: 1, clientX: p.x, clientY: p.y }));
    const clickOn = target => {
        const r = target.getBoundingClientRect(), p = { x: r.left + r.width / 2, y: r.top + r.height / 2 };
        pointer("pointerdown", target, p); pointer("pointerup", target, p);
        target.dispatchEvent(new MouseEvent("click", { bubbles: true, clientX: p.x, clientY: p.y }));
    };
    const press = (target, key) => target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    const title = () => panel.querySelector("h2").textContent;
    const box = () => svg.getAttribute("viewBox").split(" ").map(Number);

    clickOn(document.getElementById("everything/style").querySelector("text"));
    say("node", title() === "style" && location.hash === "#place=everything%2Fstyle");
    clickOn(svg.querySelector('.hit[data-edge="everything/style>1"]'));
    say("edge", title() === "urgent max 3" && document.getElementById("everything/style>1").classList.contains("selected"));
    clickOn(svg.querySelector('.label[data-edge="everything/graph>2"]').querySelector("text"));
    say("label", title() === "on timeout");
    clickOn(document.getElementById("everything/team").querySelector("text"));
    say("subgraph", title() === "team" && panel.textContent.includes("node team runs research"));
    clickOn(stage);
    say("nothing", title() === "research" && !svg.querySelector(".selected"));

    const button = [...panel.querySelectorAll("button")].find(b => b.textContent === "answer");
    button.click();
    say("field", chosen.field === "research/answer" && document.getElementById("research/digest").classList.contains("writes"));
    press(document.body, "Escape");
    say("escape", chosen.field === null && !svg.querySelector(".lit"));
    chooseField("everything/answer");
    say("bound", document.getElementById("everything/team/digest>1").classList.contains("lit") &&
        !document.getElementById("research/digest>1").classList.contains("lit"));
    chooseField("everything/answer");

    const before = box(), middle = at("stage");
    stage.dispatchEvent(new WheelEvent("wheel", { deltaY: -300, clientX: middle.x, clientY: middle.y, bubbles: true, cancelable: true }));
    const closer = box();
    say("wheel", closer[2] < before[2] && Math.abs(closer[0] + closer[2] / 2 - before[0] - before[2] / 2) < 1e-6);
    pointer("pointerdown", stage, middle);
    pointer("pointermove", stage, { x: middle.x + 40, y: middle.y + 30 });
    pointer("pointerup", stage, middle);
    say("drag", box()[0] < closer[0] && box()[1] < closer[1] && box()[2] === closer[2]);
    press(document.body, "0");
    say("fit", box()[2] > size.w - 1 && box()[3] > size.h - 1);
    press(document.body, "+");
    say("plus", box()[2] < size.w * 4 && view.zoom > Math.min(stage.clientWidth / size.w, stage.clientHeight / size.h));

    press(document.body, "/");
    say("slash", document.activeElement === findBox);
    findBox.value = "style";
    findBox.dispatchEvent(new Event("input", { bubbles: true }));
    say("search", !hits.hidden && hits.children.length === 2 && document.getElementById("everything/style2").classList.contains("found"));
    press(findBox, "ArrowDown");
    press(findBox, "Enter");
    say("hit", hits.hidden && panel.querySelector("pre").textContent.startsWith("node style"));
    findBox.value = "no such thing";
    findBox.dispatchEvent(new Event("input", { bubbles: true }));
    say("no hit", hits.textContent === "nothing found" && !svg.querySelector(".found"));
    press(findBox, "Escape");
    say("cleared", findBox.value === "" && hits.hidden);

    const theme = document.getElementById("theme"), ground = () => getComputedStyle(document.body).backgroundColor;
    const light = ground();
    theme.click(); theme.click();
    say("theme", theme.textContent === "Dark" && ground() !== light);
    const node = document.getElementById("everything/publish");
    node.focus();
    press(node, "Enter");
    say("keyboard", title() === "publish");
    document.getElementById("result").textContent = out.join("\n") + "\ndone";
});
</script>
END
} >tried.html
opened tried.html ''
sed -n '/<pre id="result">/,/done/p' dom | sed 's/.*<pre id="result">//' >result
if grep failed result || ! grep -q '^done' result; then
    cat result
    exit 1
fi
[ "$(grep -c ok result)" = 19 ]
