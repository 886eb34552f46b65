/** The API of tickets. */
import { answer } from '../../core/api/implement.ts'
import { router } from '../../core/api/procedures.ts'
import { proceduresOf } from '../../core/api/router-of.ts'
import { ticketAuthors } from './authors.ts'
import { ticketProcedures } from './commands.ts'
import * as contract from './contract.ts'
import { workQueue } from './lists.ts'
import { ticketComments, ticketHistory, ticketWork } from './pages.ts'
import type { ClockFields } from './projection.ts'
import { ticketById } from './queries.ts'
import { visibleTickets } from './search.ts'

export const tickets = (clockFields: ClockFields) =>
  router(
    proceduresOf({
      ...ticketProcedures,
      get: answer(contract.get, ticketById(clockFields)),
      comments: answer(contract.comments, ticketComments),
      work: answer(contract.work, ticketWork),
      history: answer(contract.history, ticketHistory),
      authors: answer(contract.authors, ticketAuthors),
      list: answer(contract.list, visibleTickets),
      queue: answer(contract.queue, workQueue),
    }),
  )
