/** `rejoin sla holidays`: an .ics file on the command line. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { previewHolidayFile } from '@rejoin/server/slices/sla/calendars/operator.ts'
import { rowsOnDisk } from '../harness/database.ts'
import { makeWorkspace } from '../harness/empty-workspace.ts'
import { rejoin } from '../harness/rejoin.ts'
import { startWorld } from '../harness/world.ts'

const event = (...lines: string[]) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT'].join('\r\n')
const ICS = [
  'BEGIN:VCALENDAR',
  event('UID:1', 'SUMMARY:Christmas', 'DTSTART:20991225', 'DESCRIPTION:Public holiday'),
  event('UID:2', 'SUMMARY:Clocks go back', 'DTSTART:20991025', 'DESCRIPTION:Observance'),
  event('SUMMARY:May', 'DTSTART:20200501', 'RRULE:FREQ=YEARLY'),
  'END:VCALENDAR',
].join('\r\n')

it('lists the days first and writes nothing, then closes those that are not left out, and names a bad line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-test-'))
  try {
    const file = join(folder, 'days.ics')
    writeFileSync(file, `\uFEFF${ICS}`)
    const dataDir = join(folder, 'data')
    expect(await rejoin(['init', '--data-dir', dataDir])).toMatchObject({ code: 0 })
    const [{ name = '' } = {}] = rowsOnDisk(dataDir, 'select name from slaCalendar') as { name?: string }[]
    const versions = () => rowsOnDisk(dataDir, 'select value from slaCalendarVersion')
    const before = versions()
    const run = (...args: string[]) =>
      rejoin(['sla', 'holidays', file, '--calendar', name, '--data-dir', dataDir, ...args])

    const preview = await run('--dry-run')
    expect(preview).toMatchObject({ code: 0, errors: '' })
    expect(preview.out.split('\n')).toEqual([
      '2099-12-25       Christmas  (Public holiday)',
      '2099-10-25       Clocks go back  (Observance)',
      '05-01 every year May',
      '3 more days would be closed; 0 events left out.',
      '',
    ])
    expect(versions()).toEqual(before)

    const { code, out } = await run('--leave-out-category', 'observance', '--leave-out-date', '05-01', '--json')
    expect({ code, answer: JSON.parse(out) as unknown }).toMatchObject({
      code: 0,
      answer: { added: 1, closes: [{ day: '2099-12-25' }], leftOut: 2 },
    })
    expect(versions()).toHaveLength(before.length + 1)

    writeFileSync(file, ICS.replace('20991225', '20990231'))
    expect(await run()).toMatchObject({ code: 1, errors: expect.stringMatching(/ics: line 5: DTSTART is "20990231"/) })
    expect(versions()).toHaveLength(before.length + 1)
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 120_000)

it('finds a calendar by its name however it is typed', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const value = { zone: 'UTC', weekly: { mon: [['09:00', '17:00']] } } as never
  for (const name of ['Café', 'Office']) await api.sla.calendars.create.mutate({ name, value })
  const { app } = world
  const preview = async (calendar: string) => {
    const place = { read: app.read, workers: app.workers, now: app.now() }
    return (await previewHolidayFile(place, { calendar, ics: ICS, leaveOut: {} })).added
  }
  for (const name of ['Café', 'Café'.normalize('NFD'), 'CAFÉ', ' Office', 'office']) expect(await preview(name)).toBe(3)
  await expect(preview('Cafe')).rejects.toThrow('There is no calendar "Cafe".')
})

it('reads a file in another encoding by its name, and says where one does not fit', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-test-'))
  try {
    const dataDir = join(folder, 'data')
    const file = join(folder, 'days.ics')
    makeWorkspace(dataDir)
    writeFileSync(file, Buffer.from(ICS.replace('May', 'M\u00e4rz'), 'latin1'))
    const run = (path: string, ...more: string[]) =>
      rejoin(['sla', 'holidays', path, '--calendar', 'Office', '--data-dir', dataDir, '--dry-run', ...more])
    expect((await run(file)).errors).toMatch(/days\.ics: byte \d+ of line \d+ \(0xe4\) is not valid utf-8\./)
    // It has read the file: the calendar is what there is none of.
    expect((await run(file, '--encoding', 'windows-1252')).errors).toContain('There is no calendar "Office"')
    expect((await run(join(folder, 'none.ics'))).errors).toContain('none.ics')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
