"""The JSON of the clinic API, as pydantic models: what is taken, what is given, and the OpenAPI document."""
