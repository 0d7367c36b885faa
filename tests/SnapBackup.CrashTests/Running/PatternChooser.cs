using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Running;

/// <summary>Says with which patterns the power is cut at an instant; with none if it is not.</summary>
internal delegate IEnumerable<SurvivalPattern> PatternChooser(PowerCut instant);
