"""An enterprise platform's signing side, with PyJWT and cryptography: what the handbook tells its developers to do.

Set-up: {"key": path of the private key that openssl made}. Each request: {"id", "claims": {…}, "kid": "platform",
"algorithm": "EdDSA"}; the answer has the command as `jws`.
"""

import asyncio
import pathlib

import jwt

import lines


async def main():
    reader = await lines.standard_input()
    setup = await lines.read_line(reader)
    key = pathlib.Path(setup["key"]).read_bytes()
    lines.say({"ready": True})

    async def sign(request):
        algorithm = request.get("algorithm", "EdDSA")
        secret = {"EdDSA": key, "HS256": b"0123456789abcdef0123456789abcdef", "none": None}[algorithm]
        headers = {"kid": request.get("kid", "platform")}
        return {"jws": jwt.encode(request["claims"], secret, algorithm=algorithm, headers=headers)}

    await lines.serve(reader, sign)


asyncio.run(main())
