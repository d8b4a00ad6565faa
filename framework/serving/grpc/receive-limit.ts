/**
 * How long a call's message may take to come: a caller who opens calls and sends nothing must not hold them open.
 * @module
 */
import {
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServerListener,
  ServerListenerBuilder,
  status,
} from "@grpc/grpc-js";

/** Ends calls whose first message does not come in time. @param milliseconds from when the call was made */
export function limitReceiving(milliseconds: number): ServerInterceptor {
  return (_method, call) => {
    let late: NodeJS.Timeout | undefined;
    const listener: ServerListener = new ServerListenerBuilder()
      .withOnReceiveMessage((message, next) => {
        clearTimeout(late);
        next(message);
      })
      .withOnCancel(() => clearTimeout(late))
      .build();
    const responder = new ResponderBuilder()
      .withStart((next) => {
        next(listener);
        late = setTimeout(() => {
          call.sendStatus({ code: status.DEADLINE_EXCEEDED, details: "the request did not come to its end in time" });
        }, milliseconds);
      })
      .withSendStatus((told, next) => {
        clearTimeout(late);
        next(told);
      })
      .build();
    return new ServerInterceptingCall(call, responder);
  };
}
