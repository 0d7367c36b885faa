# Runs suites written for Pester 5 where neither pwsh nor Pester is: over System.Management.Automation alone.
# It is dot-sourced into the global scope of a new runspace, one for each file; PesterFile drives it.
#
# What it knows:
#   Describe, Context, It with -Skip, -Tag, -ForEach (-TestCases) and <name> in names; BeforeDiscovery; BeforeAll,
#   AfterAll, BeforeEach, AfterEach; $TestDrive and TestDrive:; Set-ItResult; Should (see ShouldCommand).
#   As in Pester 5 a file is first read (bodies of Describe and Context run, bodies of It and of setups do not), and
#   variables of that phase are gone when its tests run.
# Its limits:
#   - No Mock, InModuleScope, Invoke-Pester, New-PesterContainer, param() of a file, or configuration.
#   - A name is filled from -ForEach data only, not from variables that a BeforeAll sets.
#   - Variables of the functions below are visible to the tests by dynamic scoping; they begin with __, but while a file
#     is read a body also sees $Name, $Fixture, $ForEach, $Skip and $Tag of its own Describe.
#   - A failed AfterAll fails the last test of its block; Pester fails the block.
#   - Only the cmdlets of System.Management.Automation exist: suites use the language, the module and .NET.

function Describe {
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Name,
        [Parameter(Mandatory, Position = 1)] [scriptblock] $Fixture,
        [object[]] $ForEach,
        [switch] $Skip,
        [string[]] $Tag
    )

    foreach ($__case in @(__Cases $PSBoundParameters)) {
        $__discovery.Enter($Name, $__case, $Skip, $Tag)
        $null = & {
            . __Define $__case
            if ($__case.IsGiven) { $_ = $__case.Value }
            . $Fixture
        }
        $__discovery.Leave()
    }
}

function It {
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Name,
        [Parameter(Mandatory, Position = 1)] [scriptblock] $Test,
        [Alias('TestCases')] [object[]] $ForEach,
        [switch] $Skip,
        [string[]] $Tag
    )

    foreach ($__case in @(__Cases $PSBoundParameters)) {
        $__discovery.AddTest($Name, $__case, $Test, $Skip, $Tag)
    }
}

function BeforeAll([Parameter(Mandatory)] [scriptblock] $ScriptBlock) { $__discovery.Current.BeforeAll.Add($ScriptBlock) }
function AfterAll([Parameter(Mandatory)] [scriptblock] $ScriptBlock) { $__discovery.Current.AfterAll.Add($ScriptBlock) }
function BeforeEach([Parameter(Mandatory)] [scriptblock] $ScriptBlock) { $__discovery.Current.BeforeEach.Add($ScriptBlock) }
function AfterEach([Parameter(Mandatory)] [scriptblock] $ScriptBlock) { $__discovery.Current.AfterEach.Add($ScriptBlock) }

function Set-ItResult {
    param([switch] $Skipped, [switch] $Inconclusive, [string] $Because)

    if ($Skipped -eq $Inconclusive) { throw 'Set-ItResult takes -Skipped or -Inconclusive.' }
    $__result = $Skipped ? 'is skipped' : 'is inconclusive'
    throw [SnapBackup.Module.Tests.Pester.PesterSkipException]::new($Because ? "$__result, because $Because" : $__result)
}

function __Cases($__bound) {
    if (-not $__bound.ContainsKey('ForEach')) { return [SnapBackup.Module.Tests.Pester.PesterCase]::None }
    [SnapBackup.Module.Tests.Pester.PesterCase]::Each($__bound['ForEach'])
}

# Dot-sourced: defines the variables of a case in the scope of its caller.
function __Define($__data) {
    foreach ($__variable in @($__data.Variables.GetEnumerator())) {
        $ExecutionContext.SessionState.PSVariable.Set([psvariable]::new($__variable.Key, $__variable.Value))
    }
}

function __Discover($__path) {
    try { $null = & $__path }
    catch { $__discovery.Fail($_) }
}

function __RunBlock($__block) {
    if (-not $__block.ShouldRun) { return }
    $__drive.Enter()
    $null = & {
        . __Define $__block.Data
        if ($__block.Data.IsGiven) { $_ = $__block.Data.Value }
        try {
            # A break or continue outside of a loop ends the script block it stands in, not the run.
            foreach ($__setup in @($__block.BeforeAll)) { do { . $__setup } until ($true) }
            foreach ($__child in @($__block.Children)) {
                if ($__child -is [SnapBackup.Module.Tests.Pester.PesterBlock]) { __RunBlock $__child } else { __RunTest $__child }
            }
        }
        catch { $__block.FailSetup($_) }
        try {
            foreach ($__teardown in @($__block.AfterAll)) { do { . $__teardown } until ($true) }
        }
        catch { $__block.FailTeardown($_) }
    }
    $__drive.Leave()
}

function __RunTest($__test) {
    if ($__test.Skip) { return }
    & {
        . __Define $__test.Data
        if ($__test.Data.IsGiven) { $_ = $__test.Data.Value }
        try {
            foreach ($__setup in @($__test.BeforeEach)) { do { . $__setup } until ($true) }
            $__parameters = $__test.Data.Variables
            do { . $__test.Body @__parameters } until ($true)
            $__test.Pass()
        }
        catch { $__test.Complete($_) }
        foreach ($__teardown in @($__test.AfterEach)) {
            try { do { . $__teardown } until ($true) } catch { $__test.Complete($_) }
        }
    }
}
