using SnapBackup.Blocks;

namespace SnapBackup.Engine.Tests;

/// <summary>Asserts that something fails for a reason, with a message that names the thing.</summary>
internal static class Errors
{
    public static async Task<EngineException> ExpectAsync(EngineError reason, string named, Func<Task> action)
    {
        var error = await Assert.ThrowsAsync<EngineException>(action);
        Assert.Equal(reason, error.Reason);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        return error;
    }

    public static async Task ExpectAsync(BlockDeviceError reason, string named, Func<Task> action)
    {
        var error = await Assert.ThrowsAsync<BlockDeviceException>(action);
        Assert.Equal(reason, error.Reason);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    /// <summary>What a failing medium throws.</summary>
    public static BlockDeviceException BadMedium(string name) => new(BlockDeviceError.InputOutput, $"{name}: the medium failed.");
}
