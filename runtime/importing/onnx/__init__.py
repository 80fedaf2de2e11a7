"""ONNX files as drawings: read with distrust, brought to today's operators, and mapped onto node types."""
