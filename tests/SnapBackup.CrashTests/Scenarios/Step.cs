namespace SnapBackup.CrashTests.Scenarios;

/// <summary>One thing that a scenario does. A step that makes no sense where it comes, because another was left out, is passed over.</summary>
/// <param name="Lane">Steps of one lane follow each other; lanes run at the same time.</param>
internal abstract record Step(int Lane)
{
    /// <summary>Whether it is done alone: all that comes before has ended, and nothing else runs meanwhile.</summary>
    public virtual bool IsAlone => false;

    /// <summary>The step as it stands in a report, with its lane if that is not the first.</summary>
    protected string InLane(string what) => Lane == 0 ? what : $"{what} [lane {Lane}]";
}
