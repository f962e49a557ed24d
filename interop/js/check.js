// Checks one line of JSON: node check.js FILE EVENT FIELD=VALUE FIELD~PART ...
// FIELD=VALUE: equal as text. FIELD~PART: the text contains it, or the list has it. Prints what does not hold.
import { readFileSync } from 'node:fs'

const [file, event, ...wanted] = process.argv.slice(2)
const lines = readFileSync(file, 'utf8').split('\n').filter((l) => l.startsWith('{')).map((l) => JSON.parse(l))
const line = lines.find((l) => (l.event ?? 'result') === event)
if (line == null) {
  console.error(`no line with event ${event} in ${file}:\n${readFileSync(file, 'utf8')}`)
  process.exit(1)
}
const failures = wanted.filter((w) => {
  const [, field, how, value] = w.match(/^(\w+)([=~])(.*)$/)
  const actual = line[field]
  return how === '=' ? String(actual) !== value : !(actual ?? '').includes(value)
})
if (failures.length > 0) {
  console.error(`${event}: ${failures.join(', ')} does not hold in ${JSON.stringify(line)}`)
  process.exit(1)
}
