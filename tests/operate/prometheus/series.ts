/** Samples of figures over time, as Prometheus has them that scrapes a server. */

/** Of one moment: the labels of a figure, and its value. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Point {
  /** In seconds. */
  readonly at: number
  readonly value: number
}

export interface Series {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** In the order of time. */
  readonly points: readonly Point[]
}

export class Scrapes {
  readonly #series = new Map<string, { name: string; labels: Record<string, string>; points: Point[] }>()

  /** Takes what a server said at `/metrics` at a moment, in seconds. */
  take(at: number, text: string): void {
    for (const line of text.split('\n')) {
      const [, name, labels = '', value] = /^([a-zA-Z_:]\w*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
      if (name === undefined) continue
      this.add({ name, labels: labelsIn(labels), points: [{ at, value: Number(value) }] })
    }
  }

  add({ name, labels, points }: Series): void {
    const key = `${name}${JSON.stringify(labels)}`
    const series = this.#series.get(key) ?? { name, labels, points: [] }
    series.points.push(...points)
    this.#series.set(key, series)
  }

  named(name: string): Series[] {
    return [...this.#series.values()].filter((series) => series.name === name)
  }
}

function labelsIn(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = '', value = '']) => [name, value]),
  )
}
