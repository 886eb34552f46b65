/** The state shared by the editors of the Yjs door: the open documents, and those that were sent whole. In memory. */
import { Rooms } from './rooms.ts'
import { WholeDocuments } from './whole-documents.ts'

export interface YjsState {
  readonly rooms: Rooms
  readonly wholeDocuments: WholeDocuments
}

export function newYjsState({ mono }: { mono(): number }): YjsState {
  return { rooms: new Rooms(mono), wholeDocuments: new WholeDocuments() }
}
