"""Asks a server what KServe's own client can, over HTTP and gRPC, and prints what it got as JSON."""

import asyncio
import json
import sys

import numpy as np
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest
from kserve.inference_client import RESTConfig

address, model = sys.argv[1:]
seen = {}


def request(raw):
    values = {"wind": ("FP64", [1, -2, 0.5]), "rain": ("BOOL", [True, False, True])}
    inputs = []
    for name, (kind, data) in values.items():
        tensor = InferInput(name, [3], kind, None if raw else data)
        if raw:
            tensor.set_data_from_numpy(np.array(data), binary_data=True)
        inputs.append(tensor)
    region = InferInput("region", [3], "BYTES")
    region.set_data_from_numpy(np.array(["south", "north", "moon"], dtype=object), binary_data=raw)
    return InferRequest(model, [*inputs, region], request_id="mine")


def read(response):
    tensors = {output.name: output.as_numpy().tolist() for output in response.outputs}
    return {"id": response.id, **tensors}


async def ask():
    rest = InferenceRESTClient(RESTConfig(protocol="v2"))
    url = f"http://{address}"
    seen["rest"] = {
        "live": await rest.is_server_live(url),
        "ready": await rest.is_server_ready(url),
        "model ready": await rest.is_model_ready(url, model),
        "json": read(await rest.infer(url, request(False), model_name=model)),
        "binary": read(await rest.infer(url, request(True), model_name=model)),
    }
    await rest.close()
    grpc = InferenceGRPCClient(address)
    seen["grpc"] = {
        "live": await grpc.is_server_live(),
        "ready": await grpc.is_server_ready(),
        "model ready": await grpc.is_model_ready(model),
        "binary": read(await grpc.infer(request(True))),
    }
    await grpc.close()


asyncio.run(ask())
print(json.dumps(seen))
