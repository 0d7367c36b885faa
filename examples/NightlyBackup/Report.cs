using System.Globalization;
using SnapBackup.Blocks;
using Spectre.Console;

namespace NightlyBackup;

/// <summary>What is printed: a line a step with its time and size.</summary>
internal static class Report
{
    public static void Headline(string disk, string store)
    {
        Console.WriteLine("SnapBackup: one nightly run, fired by its schedule");
        Console.WriteLine($"  disk   {disk}");
        Console.WriteLine($"  store  {store}");
        Console.WriteLine();
    }

    public static void Step(string name, TimeSpan time, string detail = "") =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-10} {time.TotalSeconds,7:0.00} s   {detail}").TrimEnd());

    public static string Size(long bytes) => new ByteSize(bytes).ToString();

    /// <summary>Shows a bar while the archive grows, on a terminal; elsewhere only waits.</summary>
    public static async Task<T> WithBarAsync<T>(Task<T> work, Func<double> fraction)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected)
            return await work;
        await AnsiConsole.Progress().AutoClear(true).StartAsync(async context =>
        {
            var bar = context.AddTask("archive", maxValue: 1);
            while (!work.IsCompleted)
            {
                bar.Value = fraction();
                await Task.WhenAny(work, Task.Delay(TimeSpan.FromMilliseconds(100)));
            }
        });
        return await work;
    }
}
