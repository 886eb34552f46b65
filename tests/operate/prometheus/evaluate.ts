/**
 * Evaluates the parts of PromQL that our alerts use, on the grammar of Prometheus itself. It refuses all other parts.
 *
 * 1. An increase is the count within its range; Prometheus also extrapolates to the ends of the range.
 */
import { isDeepStrictEqual } from 'node:util'
import type { SyntaxNode } from '@lezer/common'
import { parser } from '@prometheus-io/lezer-promql'
import type { Point, Sample, Scrapes } from './series.ts'

type Value = number | readonly Sample[]

/** How long Prometheus takes the last sample for the present one. */
const LOOKBACK_S = 300
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

export function secondsOf(duration: string): number {
  return [...duration.matchAll(/(\d+)([smhd])/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (UNITS[unit] ?? Number.NaN),
    0,
  )
}

/** Each node of the expression by its kind and text. Throws where Prometheus would refuse to read it. */
export function nodesOf(expression: string): { kind: string; text: string }[] {
  const nodes: { kind: string; text: string }[] = []
  parser.parse(expression).iterate({
    enter: ({ name, type, from, to }) => {
      if (type.isError) throw new Error(`"${expression}" is no PromQL at ${from}`)
      nodes.push({ kind: name, text: expression.slice(from, to) })
    },
  })
  return nodes
}

/** The value of the expression at a moment, in seconds. */
export function evaluate(expression: string, scrapes: Scrapes, at: number): readonly Sample[] {
  nodesOf(expression)
  const [root] = childrenOf(parser.parse(expression).topNode)
  if (root === undefined) throw new Error('it is empty')
  const value = new Evaluation(expression, scrapes).of(root, at)
  return typeof value === 'number' ? [{ labels: {}, value }] : value
}

class Evaluation {
  readonly #text: string
  readonly #scrapes: Scrapes

  constructor(text: string, scrapes: Scrapes) {
    this.#text = text
    this.#scrapes = scrapes
  }

  of(node: SyntaxNode, at: number): Value {
    const children = childrenOf(node)
    const [first] = children
    switch (node.name) {
      case 'NumberDurationLiteral':
        return Number(this.#textOf(node))
      case 'ParenExpr':
        return this.of(must(first), at)
      case 'OffsetExpr':
        return this.of(must(first), at - secondsOf(this.#textOf(must(node.getChild('OffsetDurationExpr')))))
      case 'VectorSelector':
        return this.#seriesOf(node).flatMap(({ labels, points }) => {
          const last = points.findLast((point) => point.at <= at)
          return last === undefined || last.at < at - LOOKBACK_S ? [] : [{ labels, value: last.value }]
        })
      case 'FunctionCall':
        return this.#called(node, at)
      case 'AggregateExpr':
        return this.#aggregated(node, at)
      case 'BinaryExpr':
        return joined(this.of(must(first), at), must(children[1]).name, this.of(must(children.at(-1)), at))
      default:
        throw new Error(`not known here: ${node.name}`)
    }
  }

  #called(node: SyntaxNode, at: number): Value {
    const name = this.#textOf(must(node.getChild('FunctionIdentifier')))
    const args = childrenOf(must(node.getChild('FunctionCallBody')))
    const range = args.find((each) => each.name === 'MatrixSelector')
    if (name === 'absent') return vector(this.of(must(args[0]), at)).length === 0 ? [{ labels: {}, value: 1 }] : []
    if (name === 'histogram_quantile')
      return quantiles(scalar(this.of(must(args[0]), at)), vector(this.of(must(args[1]), at)))
    const seconds = secondsOf(this.#textOf(must(must(range).getChild('DurationExpr'))))
    return this.#seriesOf(must(must(range).getChild('VectorSelector'))).flatMap(({ labels, points }) => {
      const within = points.filter((point) => point.at <= at && point.at > at - seconds)
      if (within.length < 2) return []
      if (name === 'increase') return [{ labels, value: increaseOf(within) }]
      if (name === 'rate') return [{ labels, value: increaseOf(within) / seconds }]
      if (name === 'predict_linear')
        return [{ labels, value: predicted(within, at + scalar(this.of(must(args[1]), at))) }]
      throw new Error(`not known here: ${name}`)
    })
  }

  #aggregated(node: SyntaxNode, at: number): Value {
    const by = node.getChild('AggregateModifier')
    const names = by === null ? [] : [...this.#textOf(by).matchAll(/\w+/g)].map(([word]) => word).slice(1)
    const groups = new Map<string, Sample[]>()
    const [inner] = childrenOf(must(node.getChild('FunctionCallBody')))
    for (const sample of vector(this.of(must(inner), at))) {
      const key = JSON.stringify(names.map((name) => [name, sample.labels[name] ?? '']))
      groups.set(key, [...(groups.get(key) ?? []), sample])
    }
    const isSum = this.#textOf(must(node.getChild('AggregateOp'))) === 'sum'
    return [...groups].map(([key, samples]) => {
      const values = samples.map(({ value }) => value)
      const value = isSum ? values.reduce((sum, each) => sum + each, 0) : Math.max(...values)
      return { labels: Object.fromEntries(JSON.parse(key) as [string, string][]), value }
    })
  }

  #seriesOf(selector: SyntaxNode) {
    const matchers = [...this.#textOf(selector).matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)]
    const name = this.#textOf(must(selector.getChild('Identifier')))
    return this.#scrapes.named(name).filter(({ labels }) =>
      matchers.every(([, label = '', operator = '', wanted = '']) => {
        const value = labels[label] ?? ''
        const isSame = operator.endsWith('~') ? new RegExp(`^(?:${wanted})$`).test(value) : value === wanted
        return operator.startsWith('!') ? !isSame : isSame
      }),
    )
  }

  #textOf({ from, to }: SyntaxNode): string {
    return this.#text.slice(from, to)
  }
}

function joined(left: Value, operator: string, right: Value): Value {
  if (operator === 'Mul') return scalar(left) * scalar(right)
  if (operator === 'And')
    return vector(left).filter((sample) => vector(right).some((other) => isLabelledAs(sample, other)))
  if (operator === 'Or') {
    return [
      ...vector(left),
      ...vector(right).filter((sample) => !vector(left).some((other) => isLabelledAs(sample, other))),
    ]
  }
  const limit = scalar(right)
  const holds = {
    Gtr: (value: number) => value > limit,
    Lss: (value: number) => value < limit,
    Eql: (value: number) => value === limit,
  }
  const compare = must(Object.entries(holds).find(([name]) => name === operator))[1]
  return vector(left).filter(({ value }) => compare(value))
}

const isLabelledAs = (one: Sample, other: Sample) => isDeepStrictEqual(one.labels, other.labels)

function increaseOf(points: readonly Point[]): number {
  return points.reduce((sum, { value }, index) => {
    const before = points[index - 1]?.value ?? value
    // A counter that is less than before has begun anew.
    return sum + (value >= before ? value - before : value)
  }, 0)
}

/** By the straight line through the points with the least squares. */
function predicted(points: readonly Point[], at: number): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [time, level] = [mean(points.map((point) => point.at)), mean(points.map(({ value }) => value))]
  const covariance = mean(points.map((point) => (point.at - time) * (point.value - level)))
  const variance = mean(points.map((point) => (point.at - time) ** 2))
  return level + (covariance / variance) * (at - time)
}

/** The upper bound of the bucket in which the quantile lies: Prometheus looks for its place within it. */
function quantiles(share: number, buckets: readonly Sample[]): Sample[] {
  const sorted = buckets.toSorted((one, other) => Number(one.labels['le']) - Number(other.labels['le']))
  const total = sorted.at(-1)?.value ?? 0
  const found = sorted.find(({ value }) => value >= share * total)
  return found === undefined || total === 0 ? [] : [{ labels: {}, value: Number(found.labels['le']) }]
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = []
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child)
  return children
}

function vector(value: Value): readonly Sample[] {
  if (typeof value === 'number') throw new Error('a number stands where samples are wanted')
  return value
}

function scalar(value: Value): number {
  if (typeof value !== 'number') throw new Error('samples stand where a number is wanted')
  return value
}

function must<Thing>(thing: Thing | null | undefined): Thing {
  if (thing === null || thing === undefined) throw new Error('the expression lacks a part')
  return thing
}
