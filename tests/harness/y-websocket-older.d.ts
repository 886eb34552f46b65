declare module 'y-websocket-1.3' {
  export { WebsocketProvider } from 'y-websocket'
}
declare module 'y-websocket-1.4' {
  export { WebsocketProvider } from 'y-websocket'
}
declare module 'y-websocket-1.5' {
  export { WebsocketProvider } from 'y-websocket'
}
declare module 'y-websocket-2.1' {
  export { WebsocketProvider } from 'y-websocket'
}
declare module 'y-websocket-3.0' {
  export { WebsocketProvider } from 'y-websocket'
}
