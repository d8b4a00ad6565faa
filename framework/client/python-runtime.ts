/**
 * What of a Python client is the same for all endpoints but for names: how it asks, waits, asks again and fails. Pure.
 * @module
 */
import { fillIn } from "./client-text.ts";
import type { RuntimeNames } from "./typescript-runtime.ts";

/** The text of the rest of a client, with its last line end. */
export function pythonRuntime({ name, endpoint, hasFeedback }: RuntimeNames): string {
  const feedback = hasFeedback ? feedbackMethod(name) : "";
  return fillIn(runtime, {
    FEEDBACK: feedback,
    NAME: name,
    THE_PATH: JSON.stringify(`/${encodeURIComponent(endpoint)}`),
  });
}

function feedbackMethod(name: string): string {
  return `
    def feedback(
        self,
        labels: Union[${name}Feedback, Sequence[${name}Feedback]],
        *,
        timeout: Optional[float] = None,
        request_id: Optional[str] = None,
        traceparent: Optional[str] = None,
    ) -> None:
        """Says labels that came later: either all are kept or none. Raises ${name}Error when they are refused."""
        body: object = labels if isinstance(labels, Mapping) else {"items": list(labels)}
        self._send(
            "/feedback",
            body,
            timeout=timeout,
            request_id=request_id,
            traceparent=traceparent,
            unit=None,
        )
`;
}

const runtime = `class _NAMEProblemSaid(TypedDict):
    """What is always said of a problem."""

    what: str


class NAMEProblem(_NAMEProblemSaid, total=False):
    """What is wrong with one part of what was sent."""

    #: The row of a list, from 0.
    row: int
    #: Of a row.
    column: str
    #: The label of a list, from 0.
    item: int
    #: Of a label.
    field: str
    got: str
    expected: str


class NAMEError(Exception):
    """Raised for a request that was not answered."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        request_id: str,
        problems: Sequence[NAMEProblem] = (),
    ) -> None:
        super().__init__(message)
        #: Of the reply: 400 for a row that does not fit, 409 for a client to be written anew, 503 while nobody can answer;
        #: 0 where none came.
        self.status = status
        #: All that is wrong with what was sent, where that is why.
        self.problems = tuple(problems)
        #: The id of the request, which whoever runs the server can look for.
        self.request_id = request_id


class NAMEClient:
    """Asks the endpoint.

    address: where it answers, "http://127.0.0.1:9012".
    timeout: how long a call may take with all its tries, in seconds.
    retries: how often it is asked again while nobody can answer (503) or no reply came.
    trace: gives the trace that calls are part of, as W3C Trace Context writes it in "traceparent".
    """

    def __init__(
        self,
        address: str,
        *,
        timeout: float = 10.0,
        retries: int = 2,
        trace: Optional[Callable[[], Optional[str]]] = None,
    ) -> None:
        self._address = address.rstrip("/")
        self._timeout = timeout
        self._retries = retries
        self._trace = trace
        #: Whether the server does not know the request type, and is told all of it.
        self._tells_type = False

    def predict(
        self,
        row: NAMERow,
        *,
        explain: bool = False,
        attributions: bool = False,
        timeout: Optional[float] = None,
        request_id: Optional[str] = None,
        traceparent: Optional[str] = None,
        unit: Optional[str] = None,
    ) -> NAMEAnswer:
        """Asks about a row. Raises NAMEError when it is not answered."""
        answer = self._send(
            "/predict" + _query(explain, attributions),
            row,
            timeout=timeout,
            request_id=request_id,
            traceparent=traceparent,
            unit=unit,
        )
        return cast(NAMEAnswer, answer)

    def predict_many(
        self,
        rows: Sequence[NAMERow],
        *,
        explain: bool = False,
        attributions: bool = False,
        timeout: Optional[float] = None,
        request_id: Optional[str] = None,
        traceparent: Optional[str] = None,
        unit: Optional[str] = None,
    ) -> NAMEAnswers:
        """Asks about many rows at once. Raises NAMEError when they are not answered."""
        answer = self._send(
            "/predict" + _query(explain, attributions),
            {"rows": list(rows)},
            timeout=timeout,
            request_id=request_id,
            traceparent=traceparent,
            unit=unit,
        )
        return cast(NAMEAnswers, answer)
FEEDBACK
    def _send(
        self,
        route: str,
        body: object,
        *,
        timeout: Optional[float],
        request_id: Optional[str],
        traceparent: Optional[str],
        unit: Optional[str],
    ) -> object:
        own_id = request_id if request_id is not None else str(uuid.uuid4())
        context = traceparent if traceparent is not None else self._trace() if self._trace is not None else None
        headers = {
            "content-type": "application/json",
            "steward-client": REQUEST_TYPE,
            "x-request-id": own_id,
        }
        if context is not None:
            headers["traceparent"] = context
        if unit is not None:
            # In UTF-8, as a header has bytes.
            headers["steward-unit"] = unit.encode().decode("latin-1")
        data = json.dumps(body, default=_write, allow_nan=False).encode()
        ends = _time.monotonic() + (timeout if timeout is not None else self._timeout)
        has_type = route.startswith("/predict")
        tells = has_type and self._tells_type
        unknown: Optional[NAMEError] = None
        tries = 0
        while True:
            query = ("&" if "?" in route else "?") + "requestType=told" if tells else ""
            wait = 0.1 * 2**tries
            left = max(ends - _time.monotonic(), 0.001)
            request = urllib.request.Request(
                self._address + _PATH + route + query,
                data=_REQUEST_TYPE_DOCUMENT.encode() + b"\\n" + data if tells else data,
                headers={**headers, "steward-timeout": str(int(left * 1000) or 1)},
                method="POST",
            )
            try:
                with urllib.request.urlopen(request, timeout=left) as reply:
                    answer = _parse(reply.read())
                    if not isinstance(answer, dict):
                        raise _describe(reply.status, answer, own_id)
                    return cast(object, answer)
            except urllib.error.HTTPError as error:
                failure = _describe(error.code, _parse(_read(error)), own_id)
                # The server can say what is different once it is told the type. That is no further try.
                is_unknown = error.code == 409 and error.headers.get("steward-client") == "unknown"
                if is_unknown and has_type and not tells and unknown is None:
                    unknown = failure
                    self._tells_type = tells = True
                    continue
                # One that does not take the type, as an older one, may know it by its digest meanwhile.
                if tells and error.code in (400, 413):
                    self._tells_type = tells = False
                    if unknown is not None:
                        raise (unknown if error.code == 413 else failure) from None
                    continue
                if error.code != 503:
                    raise failure from None
                wait = _retry_after(error.headers.get("retry-after"), wait)
            except (OSError, HTTPException) as error:
                late = _time.monotonic() >= ends
                what = "the endpoint took too long to answer" if late else "the endpoint does not answer"
                failure = NAMEError(what, status=0, request_id=own_id)
                failure.__cause__ = error
            if tries >= self._retries or _time.monotonic() + wait >= ends:
                raise failure
            _time.sleep(wait)
            tries += 1


_PATH = THE_PATH


def _query(explain: bool, attributions: bool) -> str:
    asked = (["explain=features"] if explain else []) + (["attributions=true"] if attributions else [])
    return "?" + "&".join(asked) if asked else ""


def _write(value: object) -> str:
    """A moment as the endpoint reads it. One without a zone is refused: it could be any."""
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} is nothing that JSON has")
    if value.tzinfo is None:
        raise ValueError("a datetime has no time zone: say datetime.now(timezone.utc)")
    return value.astimezone(timezone.utc).isoformat()


def _read(error: urllib.error.HTTPError) -> bytes:
    """What is said of a refusal: nothing where the connection broke meanwhile."""
    try:
        with error:
            return error.read()
    except (OSError, HTTPException):
        return b""


def _parse(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None


def _describe(status: int, answer: Any, request_id: str) -> NAMEError:
    said: Dict[str, Any] = answer if isinstance(answer, dict) else {}
    error = said.get("error")
    problems = said.get("problems")
    return NAMEError(
        error if isinstance(error, str) else "what answers is no endpoint",
        status=status,
        request_id=request_id,
        problems=cast(Sequence[NAMEProblem], problems) if isinstance(problems, list) else (),
    )


def _retry_after(value: Optional[str], otherwise: float) -> float:
    """In seconds: the header says seconds or a moment."""
    if value is None:
        return otherwise
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(timezone.utc)).total_seconds())
    except (TypeError, ValueError):
        return otherwise
`;
