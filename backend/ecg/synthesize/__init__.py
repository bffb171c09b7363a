"""Simulated 12-lead ECGs of five classes, seeded: for demonstrations and tests without any patient's data.

The heart is one moving dipole, each of its waves a Gaussian in time with a direction in space; a lead field projects it
onto electrodes, where the noise joins it. docs/simulation.md gives the physiology and its sources.
"""

from backend.ecg.synthesize.simulate import SimulatedEcg, simulate, simulate_set
from backend.ecg.synthesize.waves import CLASSES

__all__ = ["CLASSES", "SimulatedEcg", "simulate", "simulate_set"]
