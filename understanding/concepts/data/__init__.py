"""Files made by `alicorn train taxonomy`, the class list it starts from, and WordNet's licence."""
