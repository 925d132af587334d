# Diagnostics for programs: JSON lines on stderr, SARIF on stdout.
cat >bad.dfl <<'END'
graph g {
    state { a : i32; ärger : f64; a : f64; }
    start -> nowhere -> end;
}
END
sed -i.orig 's/ärger/anger/' bad.dfl
status=0
"$DFLC" check --diagnostics=json bad.dfl >out 2>lines || status=$?
[ $status = 1 ] && [ ! -s out ]
grep -c . lines | grep -qx 2
sed -n 1p lines | grep -q '^{"severity": "error", "message": ".*", "file": "bad.dfl", "line": 2, "column": 35, "endLine": 2, "endColumn": 36, "notes": \[{"message": ".*", "file": "bad.dfl", "line": 2, '
sed -n 2p lines | grep -q '"line": 3, "column": 14, "endLine": 3, "endColumn": 21, '

cp "$TOP"/samples/finance/finance.dfl good.dfl
status=0
"$DFLC" check --diagnostics=sarif bad.dfl good.dfl >log.sarif 2>errors || status=$?
[ $status = 1 ] && [ ! -s errors ]
"$DFLC" check --diagnostics=sarif -w good.dfl >none.sarif
grep -q '"results": \[\]' none.sarif
status=0
"$DFLC" check --diagnostics=sarif nowhere.dfl >failed.sarif 2>errors || status=$?
[ $status = 2 ] && grep -q 'cannot read' errors
grep -q '"executionSuccessful": false, "exitCode": 2' failed.sarif

command -v python3 >/dev/null || exit 0
python3 - <<'END'
import json
for line in open('lines'):
    d = json.loads(line)
    assert d['severity'] == 'error' and d['message'] and d['file'] == 'bad.dfl'
for name in 'log', 'none', 'failed':
    log = json.load(open(name + '.sarif'))
    assert log['version'] == '2.1.0' and 'sarif-2.1.0' in log['$schema']
    run, = log['runs']
    driver = run['tool']['driver']
    assert driver['name'] == 'dflc' and driver['version']
    rules = [rule['id'] for rule in driver['rules']]
    assert len(rules) == len(set(rules)) and 'dead-write' in rules
    assert all(rule['shortDescription']['text'] for rule in driver['rules'])
    assert run['columnKind'] == 'unicodeCodePoints'
    for result in run['results']:
        assert rules[result['ruleIndex']] == result['ruleId']
        assert result['level'] in ('error', 'warning') and result['message']['text']
        for place in result['locations'] + result.get('relatedLocations', []):
            region = place['physicalLocation']['region']
            assert place['physicalLocation']['artifactLocation']['uri'].endswith('.dfl')
            assert region['startLine'] <= region['endLine'] and region['startColumn'] >= 1
log = json.load(open('log.sarif'))
first = log['runs'][0]['results'][0]
assert first['relatedLocations'][0]['physicalLocation']['region']['startColumn'] == 13
END
