namespace SnapBackup.Pipeline.Jobs;

/// <summary>One thing that is wrong with a job document.</summary>
/// <param name="Member">Where, such as <c>logs[1].path</c>.</param>
/// <param name="Text">The value, what is wrong with it and what to write instead.</param>
public sealed record JobProblem(string Member, string Text)
{
    /// <summary>Both, as one line.</summary>
    public override string ToString() => $"{Member}: {Text}";
}
