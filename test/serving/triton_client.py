"""Asks a server all that Triton's own client can, over HTTP or gRPC, and prints what it got as JSON."""

import json
import sys

import numpy as np

protocol, url, model = sys.argv[1:]
if protocol == "http":
    import tritonclient.http as client
else:
    import tritonclient.grpc as client

extra = {} if protocol == "http" else {"as_json": True}
triton = client.InferenceServerClient(url)
seen = {}

WIND = np.array([1, -2, 0.5])
RAIN = np.array([True, False, True])
REGION = np.array(["south", "north", "moon"], dtype=object)


def tensors(**options):
    inputs = []
    for name, values, kind in (("wind", WIND, "FP64"), ("rain", RAIN, "BOOL"), ("region", REGION, "BYTES")):
        tensor = client.InferInput(name, [len(values)], kind)
        tensor.set_data_from_numpy(values, **options)
        inputs.append(tensor)
    return inputs


def read(result):
    return {
        "probability": result.as_numpy("probability").tolist(),
        "label": [bool(value) for value in result.as_numpy("label")],
    }


def refusal(ask):
    try:
        ask()
    except Exception as error:  # the client's own type differs between its two halves
        return str(error)
    return None


def one(name, values, kind, shape=None):
    tensor = client.InferInput(name, shape or [len(values)], kind)
    tensor.set_data_from_numpy(values) if shape is None else tensor.set_raw_data(values)
    return tensor


seen["live"] = triton.is_server_live()
seen["ready"] = triton.is_server_ready()
seen["model ready"] = triton.is_model_ready(model)
seen["version ready"] = triton.is_model_ready(model, "7")
seen["other ready"] = triton.is_model_ready("other")
seen["server"] = triton.get_server_metadata(**extra)
seen["model"] = triton.get_model_metadata(model, **extra)
seen["config"] = triton.get_model_config(model, **extra)
seen["index"] = triton.get_model_repository_index(**extra)
seen["binary"] = read(triton.infer(model, tensors()))
outputs = [client.InferRequestedOutput("label"), client.InferRequestedOutput("probability")]
named = triton.infer(model, tensors(), outputs=outputs, request_id="mine", model_version="7")
response = named.get_response() if protocol == "http" else named.get_response(as_json=True)
seen["named"] = {"id": response["id"], "outputs": [output["name"] for output in response["outputs"]]}
for kind in ("FP16", "FP32", "INT8", "INT64", "UINT16"):
    dtype = {"FP16": np.float16, "FP32": np.float32, "INT8": np.int8, "INT64": np.int64, "UINT16": np.uint16}[kind]
    inputs = tensors()
    inputs[0] = one("wind", np.array([1, 2, 3], dtype=dtype), kind)
    seen[f"as {kind}"] = read(triton.infer(model, inputs))["probability"]
large = tensors()
large[0] = one("wind", np.array([2**53 + 1, 0, 0], dtype=np.int64), "INT64")
seen["lossy"] = refusal(lambda: triton.infer(model, large))
seen["unknown model"] = refusal(lambda: triton.infer("other", tensors()))
seen["unknown version"] = refusal(lambda: triton.infer(model, tensors(), model_version="99"))
seen["missing input"] = refusal(lambda: triton.infer(model, tensors()[:2]))
if protocol == "http":
    asked = [client.InferRequestedOutput(name, binary_data=False) for name in ("probability", "label")]
    seen["json"] = read(triton.infer(model, tensors(binary_data=False), outputs=asked))
    seen["json in, binary out"] = read(triton.infer(model, tensors(binary_data=False)))
    for packing in ("gzip", "deflate"):
        options = {"request_compression_algorithm": packing, "response_compression_algorithm": packing}
        seen[packing] = read(triton.infer(model, tensors(), **options))
    many = 10_000
    inputs = [
        one("wind", np.linspace(-1, 1, many), "FP64"),
        one("rain", np.zeros(many, dtype=bool), "BOOL"),
        one("region", np.array(["north"] * many, dtype=object), "BYTES"),
    ]
    result = triton.infer(model, inputs, response_compression_algorithm="gzip")
    packed = result.get_response()
    seen["many"] = {"rows": len(result.as_numpy("label")), "outputs": len(packed["outputs"])}
    seen["async"] = read(triton.async_infer(model, tensors()).get_result())
else:
    answers = []
    triton.start_stream(lambda result, error: answers.append((result, error)))
    for request in range(3):
        triton.async_stream_infer(model, tensors() if request != 1 else tensors()[:2], request_id=str(request))
    triton.stop_stream()
    seen["stream"] = [read(result) if error is None else str(error) for result, error in answers]
seen["statistics"] = triton.get_inference_statistics(model, **extra)
print(json.dumps(seen))
