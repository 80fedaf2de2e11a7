"""Caffe and DIGITS: networks and solvers written as prototxt."""
