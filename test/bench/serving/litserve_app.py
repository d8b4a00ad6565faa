"""LitServe and ONNX Runtime, as its documentation shows it."""

import os

import litserve
import numpy
import onnxruntime


class Api(litserve.LitAPI):
    def setup(self, device):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            os.environ["MODEL"], options, providers=["CPUExecutionProvider"]
        )

    def decode_request(self, request):
        tensor = request["inputs"][0]
        return numpy.array(tensor["data"], dtype=numpy.float32).reshape(tensor["shape"])

    def predict(self, matrix):
        return self.session.run(None, {"features": matrix})[0].reshape(-1)

    def encode_response(self, answers):
        output = {"name": "value", "shape": [len(answers)], "datatype": "FP32", "data": answers.tolist()}
        return {"model_name": "bench", "model_version": "1", "outputs": [output]}


if __name__ == "__main__":
    server = litserve.LitServer(Api(api_path="/v2/models/bench/infer"), accelerator="cpu", workers_per_device=1)
    server.run(
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        num_api_servers=1,
        generate_client_file=False,
        access_log=False,
        log_level="warning",
    )
