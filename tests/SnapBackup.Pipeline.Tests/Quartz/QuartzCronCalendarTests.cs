using System.Globalization;
using SnapBackup.Pipeline.Quartz;

namespace SnapBackup.Pipeline.Tests.Quartz;

public sealed class QuartzCronCalendarTests
{
    private readonly QuartzCronCalendar _calendar = new();

    [Theory]
    [InlineData("30 2 * * *", "UTC", "2026-03-01T02:29:59Z", "2026-03-01T02:30:00Z")]
    [InlineData("30 2 * * *", "UTC", "2026-03-01T02:30:00Z", "2026-03-02T02:30:00Z")]
    [InlineData("0 30 2 * * ?", "UTC", "2026-03-01T02:29:59Z", "2026-03-01T02:30:00Z")]
    [InlineData("*/10 * * * * ?", "UTC", "2026-03-01T00:00:01Z", "2026-03-01T00:00:10Z")]
    [InlineData("0 0 * * 0", "UTC", "2026-03-02T00:00:00Z", "2026-03-08T00:00:00Z")] // crontab: 0 is Sunday
    [InlineData("0 0 0 ? * 1", "UTC", "2026-03-02T00:00:00Z", "2026-03-08T00:00:00Z")] // Quartz: 1 is Sunday
    [InlineData("0 0 0 29 2 ?", "UTC", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00Z")]
    [InlineData("0 0 2 1 1 ? 2030", "UTC", "2026-03-01T00:00:00Z", "2030-01-01T02:00:00Z")]
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-01-10T00:00:00Z", "2026-01-10T01:30:00Z")]
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-07-10T00:00:00Z", "2026-07-10T00:30:00Z")]
    [InlineData("30 2 * * *", "Asia/Kathmandu", "2026-07-10T00:00:00Z", "2026-07-10T20:45:00Z")]
    public void The_next_time_is_found_in_the_zone(string cron, string zone, string after, string next) =>
        Assert.Equal(At(next), Next(cron, zone, At(after)));

    [Theory]
    [InlineData("0 30 2 * * ?")]
    [InlineData("30 2 * * *")]
    public void A_night_without_its_hour_is_not_left_out(string cron)
    {
        // Berlin, 29 March 2026: 02:00 becomes 03:00 (01:00 UTC), so 02:30 does not exist.
        var times = Times(cron, "Europe/Berlin", At("2026-03-28T12:00:00Z"), 2);

        Assert.InRange(times[0], At("2026-03-29T00:30:00Z"), At("2026-03-29T01:30:00Z"));
        Assert.Equal(At("2026-03-30T00:30:00Z"), times[1]);
    }

    [Theory]
    [InlineData("0 30 2 * * ?")]
    [InlineData("30 2 * * *")]
    public void A_night_that_has_its_hour_twice_is_run_once(string cron)
    {
        // Berlin, 25 October 2026: 03:00 becomes 02:00 (01:00 UTC), so 02:30 comes twice.
        var times = Times(cron, "Europe/Berlin", At("2026-10-24T12:00:00Z"), 2);

        Assert.InRange(times[0], At("2026-10-25T00:30:00Z"), At("2026-10-25T01:30:00Z"));
        Assert.Equal(At("2026-10-26T01:30:00Z"), times[1]);
    }

    public static TheoryData<string> LoneMarks()
    {
        var expressions = new TheoryData<string>();
        foreach (var whole in new[] { "0 0 0 1 * ?", "0 0 1 * *", "0 0 0 1 * ? 2030" })
        {
            var fields = whole.Split(' ');
            foreach (var mark in new[] { ",", "-", "/", "#" })
            {
                for (var field = 0; field < fields.Length; field++)
                    expressions.Add(string.Join(' ', [.. fields[..field], mark, .. fields[(field + 1)..]]));
            }
        }

        return expressions;
    }

    [Theory]
    [MemberData(nameof(LoneMarks))]
    public void A_field_that_is_only_a_mark_is_refused(string cron) => Assert.False(_calendar.IsValid(cron));

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);

    private DateTimeOffset? Next(string cron, string zone, DateTimeOffset after)
    {
        Assert.True(_calendar.IsValid(cron));
        return _calendar.NextAfter(cron, TimeZoneInfo.FindSystemTimeZoneById(zone), after);
    }

    private DateTimeOffset[] Times(string cron, string zone, DateTimeOffset after, int count)
    {
        var times = new DateTimeOffset[count];
        for (var index = 0; index < count; index++)
            after = times[index] = Next(cron, zone, after)!.Value;
        return times;
    }
}
